#include "catalog/store/stored_json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace orrery::catalog {

using registry::JsonValue;

StoredObject::StoredObject(const JsonValue& json, absl::string_view what)
    : json_(json), what_(what) {
  if (!json.is_object()) Fail("", "an object");
}

void StoredObject::Fail(absl::string_view name, absl::string_view wanted) {
  if (!status_.ok()) return;
  status_ = absl::DataLossError(absl::StrCat("stored ", what_, ": member '",
                                             name, "' should be ", wanted));
}

std::string StoredObject::String(absl::string_view name) {
  const JsonValue* value = json_.Find(name);
  if (value != nullptr && value->is_string()) return value->text();
  Fail(name, "a string");
  return "";
}

int64_t StoredObject::Integer(absl::string_view name) {
  const JsonValue* value = json_.Find(name);
  const std::optional<int64_t> integer =
      value == nullptr ? std::nullopt : value->AsInteger();
  if (integer.has_value()) return *integer;
  Fail(name, "an integer");
  return 0;
}

std::optional<absl::Time> StoredObject::Time(absl::string_view name) {
  if (Optional(name) == nullptr) return std::nullopt;
  return absl::FromUnixMicros(Integer(name));
}

std::vector<std::string> StoredObject::Strings(absl::string_view name) {
  std::vector<std::string> texts;
  for (const JsonValue& item : Items(name)) {
    if (!item.is_string()) Fail(name, "an array of strings");
    texts.push_back(item.text());
  }
  return texts;
}

const std::vector<JsonValue>& StoredObject::Items(absl::string_view name) {
  static const std::vector<JsonValue>* const kNone =
      new std::vector<JsonValue>();
  const JsonValue* value = json_.Find(name);
  if (value != nullptr && value->is_array()) return value->items();
  Fail(name, "an array");
  return *kNone;
}

const JsonValue* StoredObject::Optional(absl::string_view name) {
  const JsonValue* value = json_.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

size_t StoredObject::Word(absl::string_view name,
                          const std::vector<std::string>& words) {
  const auto found = std::find(words.begin(), words.end(), String(name));
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  Fail(name, "a known word");
  return 0;
}

JsonValue StoredTime(std::optional<absl::Time> time) {
  return time.has_value() ? JsonValue::Integer(absl::ToUnixMicros(*time))
                          : JsonValue();
}

JsonValue StoredStrings(const std::vector<std::string>& texts) {
  JsonValue array = JsonValue::Array();
  for (const std::string& text : texts) {
    array.items().push_back(JsonValue::String(text));
  }
  return array;
}

JsonValue StoredText(absl::string_view text) {
  return JsonValue::String(std::string(text));
}

}  // namespace orrery::catalog
