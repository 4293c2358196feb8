#ifndef CATALOG_RENDERING_TEMPLATE_VALUE_H_
#define CATALOG_RENDERING_TEMPLATE_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// A value as a template sees it: what it prints and whether it is truthy are
// two things (rendering §6, §7.3, §7.4). Borrows the JSON value. Missing when
// made without one.
class TemplateValue {
 public:
  TemplateValue() = default;
  static TemplateValue Of(const registry::JsonValue* json);
  // The function `asJson`: truthy, prints null, has no members.
  static TemplateValue AsJson();

  bool is_missing() const { return kind_ == Kind::kMissing; }
  bool is_null() const { return kind_ == Kind::kJson && json_->is_null(); }
  bool is_array() const { return kind_ == Kind::kJson && json_->is_array(); }
  bool is_as_json() const { return kind_ == Kind::kAsJson; }
  bool truthy() const;

  // Of an array.
  size_t size() const { return json_->items().size(); }
  // Strings among the items print with their quotes.
  TemplateValue Item(size_t index) const;

  // The member of an object, or one of the five members of arrays and strings;
  // else missing.
  TemplateValue Member(absl::string_view name) const;
  // Steps that Member takes.
  size_t lookup_cost() const;

  // Appends what the value prints. kResourceExhausted when `out` grows beyond
  // `max_bytes` or a number has too many digits.
  absl::Status Print(size_t max_bytes, std::string* out) const;

 private:
  enum class Kind : uint8_t { kMissing, kJson, kBool, kCount, kAsJson };

  static TemplateValue OfBool(bool value);
  static TemplateValue OfCount(size_t value);
  // The printed text of a string.
  std::string Text() const;

  Kind kind_ = Kind::kMissing;
  bool quoted_ = false;
  const registry::JsonValue* json_ = nullptr;
  size_t number_ = 0;
};

// `text` as a JSON string literal without its quotes, as templates print it.
std::string EscapedText(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_TEMPLATE_VALUE_H_
