#include "catalog/upgrade_offer.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/option_flag.h"
#include "catalog/options/option_path.h"
#include "catalog/options/schema_node.h"
#include "catalog/options/secret_option.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// Each is an attempt.
constexpr size_t kMostOptions = 32;

struct GivenOption {
  OptionPath path;
  const JsonValue* value;
};

void CollectOptions(const JsonValue& group, OptionPath* path,
                    std::vector<GivenOption>* options) {
  for (const auto& [name, value] : group.members()) {
    path->push_back(name);
    if (value.members().empty()) {
      options->push_back({*path, &value});
    } else {
      CollectOptions(value, path, options);
    }
    path->pop_back();
  }
}

std::vector<GivenOption> OptionsIn(const JsonValue& given) {
  std::vector<GivenOption> options;
  OptionPath path;
  CollectOptions(given, &path, &options);
  return options;
}

// Lists of plain values can be typed.
bool MayBeShown(absl::string_view name, const SchemaNode& node,
                const JsonValue& value) {
  if (value.is_object() || IsSecretOption(name, node, value)) return false;
  return std::all_of(value.items().begin(), value.items().end(),
                     [&](const JsonValue& item) {
                       return MayBeShown(name, node.Item(), item);
                     });
}

std::string FlagOf(const GivenOption& option, const JsonValue* config) {
  const std::string pointer = PathPointer(option.path);
  const JsonValue& value = *option.value;
  if (value.is_null()) return UnsetFlag(pointer);
  if (config == nullptr ||
      !MayBeShown(option.path.back(), NodeAt(*config, pointer), value)) {
    return SetFlag(pointer, kUserValue);
  }
  return SetFlag(pointer,
                 value.is_string() ? value.text() : registry::WriteJson(value));
}

}  // namespace

std::optional<UpgradeOffer> FindOffer(const std::string& range,
                                      const JsonValue& given,
                                      const UpgradeAttempt& attempt) {
  const std::vector<GivenOption> options = OptionsIn(given);
  if (options.size() > kMostOptions) return std::nullopt;
  UpgradeOffer offer;
  offer.range = range;
  absl::StatusOr<Plan> plan = attempt(range, offer.options);
  if (!plan.ok()) return std::nullopt;
  offer.plan = *std::move(plan);
  for (const GivenOption& option : options) {
    JsonValue more =
        MergeOptions(offer.options, ObjectWith(option.path, *option.value));
    plan = attempt(range, more);
    if (!plan.ok()) continue;
    offer.options = std::move(more);
    offer.plan = *std::move(plan);
  }
  return offer;
}

std::string OfferCommand(const UpgradeOffer& offer, const std::string& cluster,
                         const std::string& service, const JsonValue* config) {
  std::string command = "orrery upgrade ";
  absl::StrAppend(&command,
                  offer.range.empty()
                      ? service
                      : absl::StrCat("'", service, "@", offer.range, "'"));
  if (cluster != "local") absl::StrAppend(&command, " --cluster ", cluster);
  for (const GivenOption& option : OptionsIn(offer.options)) {
    absl::StrAppend(&command, " ", FlagOf(option, config));
  }
  return command;
}

}  // namespace orrery::catalog
