#include "catalog/rendering/template_value.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "catalog/rendering/java_number.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

size_t Utf16Length(absl::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) == 0x80) continue;
    units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

// Prints as java.util collections of the converted values do.
class Printer {
 public:
  Printer(size_t max_bytes, std::string* out)
      : max_bytes_(max_bytes), out_(out) {}

  absl::Status Print(const JsonValue& value, bool quoted) {
    if (out_->size() > max_bytes_) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the rendered text has more than ", max_bytes_, " bytes"));
    }
    switch (value.kind()) {
      case JsonValue::Kind::kNull:
        out_->append("null");
        break;
      case JsonValue::Kind::kBool:
        out_->append(value.bool_value() ? "true" : "false");
        break;
      case JsonValue::Kind::kNumber: {
        ORRERY_ASSIGN_OR_RETURN(const std::string number,
                                JavaNumber(value.text()));
        out_->append(number);
        break;
      }
      case JsonValue::Kind::kString:
        if (quoted) out_->push_back('"');
        out_->append(EscapedText(value.text()));
        if (quoted) out_->push_back('"');
        break;
      case JsonValue::Kind::kArray:
        return PrintArray(value);
      case JsonValue::Kind::kObject:
        return PrintObject(value);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status PrintArray(const JsonValue& value) {
    absl::string_view separator = "[";
    for (const JsonValue& item : value.items()) {
      absl::StrAppend(out_, separator);
      separator = ", ";
      ORRERY_RETURN_IF_ERROR(Print(item, /*quoted=*/true));
    }
    out_->append(value.items().empty() ? "[]" : "]");
    return absl::OkStatus();
  }

  absl::Status PrintObject(const JsonValue& value) {
    absl::string_view separator = "{";
    for (const auto& [name, member] : value.members()) {
      absl::StrAppend(out_, separator, name, "=");
      separator = ", ";
      ORRERY_RETURN_IF_ERROR(Print(member, /*quoted=*/false));
    }
    out_->append(value.members().empty() ? "{}" : "}");
    return absl::OkStatus();
  }

  size_t max_bytes_;
  std::string* out_;
};

}  // namespace

std::string EscapedText(absl::string_view text) {
  std::string literal;
  registry::AppendJsonString(text, &literal);
  std::string out;
  out.reserve(literal.size());
  for (size_t i = 1; i + 1 < literal.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(literal[i]);
    const unsigned char next = static_cast<unsigned char>(literal[i + 1]);
    // Java escapes DEL and the C1 controls too, which JSON allows raw.
    if (c == 0x7f) {
      out.append("\\u007f");
    } else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(next));
      ++i;
    } else {
      out.push_back(literal[i]);
    }
  }
  return out;
}

TemplateValue TemplateValue::Of(const JsonValue* json) {
  TemplateValue value;
  if (json == nullptr) return value;
  value.kind_ = Kind::kJson;
  value.json_ = json;
  return value;
}

TemplateValue TemplateValue::AsJson() {
  TemplateValue value;
  value.kind_ = Kind::kAsJson;
  return value;
}

TemplateValue TemplateValue::OfBool(bool value) {
  TemplateValue result;
  result.kind_ = Kind::kBool;
  result.number_ = value ? 1 : 0;
  return result;
}

TemplateValue TemplateValue::OfCount(size_t value) {
  TemplateValue result;
  result.kind_ = Kind::kCount;
  result.number_ = value;
  return result;
}

bool TemplateValue::truthy() const {
  switch (kind_) {
    case Kind::kMissing:
      return false;
    case Kind::kBool:
      return number_ != 0;
    case Kind::kCount:
    case Kind::kAsJson:
      return true;
    case Kind::kJson:
      break;
  }
  switch (json_->kind()) {
    case JsonValue::Kind::kNull:
      return false;
    case JsonValue::Kind::kBool:
      return json_->bool_value();
    case JsonValue::Kind::kString:
      return quoted_ || !json_->text().empty();
    case JsonValue::Kind::kArray:
      return !json_->items().empty();
    default:
      return true;
  }
}

TemplateValue TemplateValue::Item(size_t index) const {
  TemplateValue item = Of(&json_->items()[index]);
  item.quoted_ = true;
  return item;
}

std::string TemplateValue::Text() const {
  std::string text = EscapedText(json_->text());
  return quoted_ ? absl::StrCat("\"", text, "\"") : text;
}

TemplateValue TemplateValue::Member(absl::string_view name) const {
  if (kind_ != Kind::kJson) return TemplateValue();
  if (json_->is_object()) return Of(json_->Find(name));
  const bool asks_empty = name == "isEmpty" || name == "empty";
  if (json_->is_array()) {
    if (asks_empty) return OfBool(json_->items().empty());
    if (name == "size") return OfCount(json_->items().size());
  }
  if (json_->is_string()) {
    if (asks_empty) return OfBool(!truthy());
    if (name == "length") return OfCount(Utf16Length(Text()));
  }
  return TemplateValue();
}

size_t TemplateValue::lookup_cost() const {
  if (kind_ != Kind::kJson) return 1;
  // Asking for the length of a string escapes it.
  return 1 + (json_->members().size() + json_->text().size()) / 8;
}

absl::Status TemplateValue::Print(size_t max_bytes, std::string* out) const {
  switch (kind_) {
    case Kind::kMissing:
      break;
    case Kind::kBool:
      out->append(number_ != 0 ? "true" : "false");
      break;
    case Kind::kCount:
      absl::StrAppend(out, number_);
      break;
    case Kind::kAsJson:
      out->append("null");
      break;
    case Kind::kJson:
      if (json_->is_null()) break;
      return Printer(max_bytes, out).Print(*json_, quoted_);
  }
  return absl::OkStatus();
}

}  // namespace orrery::catalog
