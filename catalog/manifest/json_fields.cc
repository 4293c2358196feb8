#include "catalog/manifest/json_fields.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// Marathon's words for a wrong type (orchestrators.md §4.7).
constexpr char kWantsString[] = "error.expected.jsstring";
constexpr char kWantsBool[] = "error.expected.jsboolean";
constexpr char kWantsNumber[] = "error.expected.jsnumber";
constexpr char kWantsInteger[] = "error.expected.int";
constexpr char kWantsArray[] = "error.expected.jsarray";
constexpr char kWantsObject[] = "error.expected.jsobject";

std::optional<int> AsInt(const JsonValue& value) {
  const std::optional<int64_t> number = value.AsInteger();
  if (!number.has_value() || *number < std::numeric_limits<int>::min() ||
      *number > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<std::string> AsText(const JsonValue& value) {
  if (!value.is_string()) return std::nullopt;
  return value.text();
}

std::optional<absl::Duration> AsSeconds(const JsonValue& value) {
  const std::optional<double> seconds = value.AsDouble();
  if (!seconds.has_value()) return std::nullopt;
  return absl::Seconds(*seconds);
}

}  // namespace

JsonFields::JsonFields(const JsonValue& object, std::string path,
                       std::vector<Violation>* violations)
    : object_(object), path_(std::move(path)), violations_(violations) {}

const JsonValue* JsonFields::Find(absl::string_view name) const {
  const JsonValue* const value = object_.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string JsonFields::PathOf(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

void JsonFields::Fault(absl::string_view name, absl::string_view text) const {
  violations_->push_back({PathOf(name), std::string(text)});
}

template <typename T, typename Convert>
void JsonFields::ReadAs(absl::string_view name, absl::string_view expected,
                        const Convert& convert, T* target) const {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return;
  if (auto converted = convert(*value); converted.has_value()) {
    *target = *std::move(converted);
  } else {
    Fault(name, expected);
  }
}

void JsonFields::Read(absl::string_view name, std::string* target) const {
  ReadAs(name, kWantsString, AsText, target);
}

void JsonFields::Read(absl::string_view name,
                      std::optional<std::string>* target) const {
  ReadAs(name, kWantsString, AsText, target);
}

void JsonFields::Read(absl::string_view name, bool* target) const {
  ReadAs(
      name, kWantsBool,
      [](const JsonValue& value) {
        return value.is_bool() ? std::optional<bool>(value.bool_value())
                               : std::nullopt;
      },
      target);
}

void JsonFields::Read(absl::string_view name, int* target) const {
  ReadAs(name, kWantsInteger, AsInt, target);
}

void JsonFields::Read(absl::string_view name,
                      std::optional<int>* target) const {
  ReadAs(name, kWantsInteger, AsInt, target);
}

void JsonFields::Read(absl::string_view name, int64_t* target) const {
  ReadAs(
      name, kWantsInteger,
      [](const JsonValue& value) { return value.AsInteger(); }, target);
}

void JsonFields::Read(absl::string_view name,
                      std::optional<int64_t>* target) const {
  ReadAs(
      name, kWantsInteger,
      [](const JsonValue& value) { return value.AsInteger(); }, target);
}

void JsonFields::Read(absl::string_view name, double* target) const {
  ReadAs(
      name, kWantsNumber,
      [](const JsonValue& value) { return value.AsDouble(); }, target);
}

void JsonFields::Read(absl::string_view name,
                      std::optional<double>* target) const {
  ReadAs(
      name, kWantsNumber,
      [](const JsonValue& value) { return value.AsDouble(); }, target);
}

void JsonFields::Read(absl::string_view name,
                      std::vector<std::string>* target) const {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return;
  if (!value->is_array()) return Fault(name, kWantsArray);
  for (size_t i = 0; i < value->items().size(); ++i) {
    if (value->items()[i].is_string()) {
      target->push_back(value->items()[i].text());
    } else {
      Fault(absl::StrCat(name, "(", i, ")"), kWantsString);
    }
  }
}

void JsonFields::Read(absl::string_view name, NamedTexts* target) const {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return;
  if (!value->is_object()) return Fault(name, kWantsObject);
  for (const JsonValue::Member& member : value->members()) {
    if (member.value.is_string()) {
      target->emplace_back(member.name, member.value.text());
    } else {
      Fault(absl::StrCat(name, "/", member.name), kWantsString);
    }
  }
}

void JsonFields::ReadSeconds(absl::string_view name,
                             absl::Duration* target) const {
  ReadAs(name, kWantsNumber, AsSeconds, target);
}

void JsonFields::ReadSeconds(absl::string_view name,
                             std::optional<absl::Duration>* target) const {
  ReadAs(name, kWantsNumber, AsSeconds, target);
}

bool JsonFields::ReadObject(
    absl::string_view name,
    const std::function<void(const JsonFields&)>& read) const {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return false;
  if (value->is_object()) {
    read(JsonFields(*value, PathOf(name), violations_));
  } else {
    Fault(name, kWantsObject);
  }
  return true;
}

bool JsonFields::ReadObjects(
    absl::string_view name,
    const std::function<void(const JsonFields&)>& read) const {
  const JsonValue* const value = Find(name);
  if (value == nullptr) return false;
  if (!value->is_array()) {
    Fault(name, kWantsArray);
    return true;
  }
  for (size_t i = 0; i < value->items().size(); ++i) {
    const std::string item = absl::StrCat(name, "(", i, ")");
    if (value->items()[i].is_object()) {
      read(JsonFields(value->items()[i], PathOf(item), violations_));
    } else {
      Fault(item, kWantsObject);
    }
  }
  return true;
}

}  // namespace orrery::catalog
