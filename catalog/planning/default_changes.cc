#include "catalog/planning/default_changes.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"

#include "catalog/options/default_options.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// Values that are no group, by pointer.
void Flatten(const JsonValue& value, const std::string& pointer,
             std::map<std::string, const JsonValue*>* out) {
  if (!value.is_object()) {
    out->emplace(pointer, &value);
    return;
  }
  for (const JsonValue::Member& member : value.members()) {
    Flatten(member.value,
            absl::StrCat(pointer, registry::PointerStep(member.name)), out);
  }
}

}  // namespace

std::vector<DefaultChange> DefaultChanges(const JsonValue& from,
                                          const JsonValue& to,
                                          const std::vector<JsonValue>& given) {
  const JsonValue old_defaults = DefaultOptions(from);
  const JsonValue new_defaults = DefaultOptions(to);
  std::map<std::string, const JsonValue*> before;
  Flatten(old_defaults, "", &before);
  std::vector<DefaultChange> changes;
  for (const auto& [pointer, value] : before) {
    const JsonValue* now = registry::AtPointer(new_defaults, pointer);
    if (now == nullptr || now->is_object() || *now == *value) continue;
    const bool is_given =
        std::any_of(given.begin(), given.end(),
                    [option = &pointer](const JsonValue& options) {
                      return registry::AtPointer(options, *option) != nullptr;
                    });
    if (is_given) continue;
    changes.push_back(
        {pointer, registry::WriteJson(*value), registry::WriteJson(*now)});
  }
  return changes;
}

}  // namespace orrery::catalog
