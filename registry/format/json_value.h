// A JSON value as it was written: numbers keep their text, objects keep the
// order of their members, and every parsed value knows where it stood. Option
// and package documents are carried through the system in this form or as text,
// never as doubles.

#ifndef REGISTRY_FORMAT_JSON_VALUE_H_
#define REGISTRY_FORMAT_JSON_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

class JsonValue {
 public:
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  struct Member;

  // Null.
  JsonValue();
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  static JsonValue Bool(bool value);
  static JsonValue Integer(int64_t value);
  // `text` must be a JSON number; it is printed as given.
  static JsonValue NumberText(std::string text);
  // UTF-8. A lone surrogate, which JSON can only escape, is three bytes of
  // WTF-8 here and is escaped again when written.
  static JsonValue String(std::string text);
  static JsonValue Array(std::vector<JsonValue> items = {});
  static JsonValue Object();
  // Members in the order to print.
  static JsonValue Object(std::vector<Member> members);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // False unless a boolean.
  bool bool_value() const { return bool_; }
  // The decoded string, or the text of the number; else empty.
  const std::string& text() const { return text_; }
  // Empty unless an array.
  const std::vector<JsonValue>& items() const { return items_; }
  std::vector<JsonValue>& items() { return items_; }
  // Empty unless an object.
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }

  // The member of that name of an object, or null.
  const JsonValue* Find(absl::string_view name) const;
  JsonValue* Find(absl::string_view name);
  // The member's string, or empty when there is none.
  absl::string_view FindString(absl::string_view name) const;
  // Replaces the member in its place, or appends it. Requires: is_object().
  JsonValue& Set(absl::string_view name, JsonValue value);
  // Whether there was one.
  bool Erase(absl::string_view name);

  // The value of a number that is integral however it is spelled (`3`, `3.0`,
  // `3e0`) and fits; nothing otherwise.
  std::optional<int64_t> AsInteger() const;
  // The nearest double of a number; nothing for other kinds.
  std::optional<double> AsDouble() const;

  // Byte offset of the value in the text it was parsed from; 0 for made ones.
  uint32_t offset() const { return offset_; }
  void set_offset(uint32_t offset) { offset_ = offset; }

  // Equal values: numbers by text, objects by members in any order.
  bool operator==(const JsonValue& other) const;

 private:
  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  uint32_t offset_ = 0;
  std::string text_;
  std::vector<JsonValue> items_;
  std::vector<Member> members_;
};

struct JsonValue::Member {
  std::string name;
  JsonValue value;
};

inline JsonValue::JsonValue() = default;
inline JsonValue::JsonValue(JsonValue&& other) noexcept = default;
inline JsonValue& JsonValue::operator=(JsonValue&& other) noexcept = default;
inline JsonValue::~JsonValue() = default;

// Compact text: no spaces, `/` and non-ASCII raw, numbers as they were written.
std::string WriteJson(const JsonValue& value);
// Two spaces of indentation, `": "`, a newline at the end.
std::string WriteJsonIndented(const JsonValue& value);
// A string literal with its quotes.
void AppendJsonString(absl::string_view text, std::string* out);
std::string JsonString(absl::string_view text);

// `token` with `~` and `/` escaped, as one step of a JSON pointer (RFC 6901).
std::string PointerStep(absl::string_view token);
// The value at `pointer` ("" is `root`), or null.
const JsonValue* AtPointer(const JsonValue& root, absl::string_view pointer);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_JSON_VALUE_H_
