#include "cli-plugin/text/json_member.h"

#include <utility>

namespace orrery::cli {
namespace {

using registry::JsonValue;

std::string ScalarText(const JsonValue& value) {
  if (value.is_bool()) return value.bool_value() ? "true" : "false";
  return value.text();
}

}  // namespace

std::string MemberText(const JsonValue& object, absl::string_view name) {
  const JsonValue* member = object.Find(name);
  return member == nullptr ? "" : ScalarText(*member);
}

std::span<const JsonValue> MemberItems(const JsonValue& object,
                                       absl::string_view name) {
  const JsonValue* member = object.Find(name);
  if (member == nullptr) return {};
  return member->items();
}

std::vector<std::string> MemberTexts(const JsonValue& object,
                                     absl::string_view name) {
  std::vector<std::string> texts;
  for (const JsonValue& item : MemberItems(object, name)) {
    texts.push_back(ScalarText(item));
  }
  return texts;
}

const JsonValue& MemberOrSelf(const JsonValue& object, absl::string_view name) {
  const JsonValue* member = object.Find(name);
  return member != nullptr && member->is_object() ? *member : object;
}

JsonValue ListDocument(absl::string_view name, std::vector<JsonValue> items) {
  return JsonValue::Object(
      {{std::string(name), JsonValue::Array(std::move(items))}});
}

}  // namespace orrery::cli
