#include "registry/format/json_value.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace orrery::registry {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// Whether the three bytes at `text` encode a surrogate (U+D800..U+DFFF).
bool IsSurrogate(absl::string_view text) {
  return text.size() >= 3 && text[0] == '\xed' &&
         static_cast<unsigned char>(text[1]) >= 0xa0;
}

void AppendUnicodeEscape(unsigned code, std::string* out) {
  out->append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) {
    out->push_back(kHexDigits[(code >> shift) & 15U]);
  }
}

void Append(const JsonValue& value, int indent, std::string* out);

// Breaks the line inside a container when `indent` is not negative.
void NewLine(int indent, std::string* out) {
  if (indent < 0) return;
  out->push_back('\n');
  out->append(static_cast<size_t>(indent) * 2, ' ');
}

template <typename Range, typename AppendOne>
void AppendContainer(char open, char close, const Range& range, int indent,
                     std::string* out, AppendOne append_one) {
  out->push_back(open);
  const int inner = indent < 0 ? indent : indent + 1;
  bool first = true;
  for (const auto& element : range) {
    if (!first) out->push_back(',');
    first = false;
    NewLine(inner, out);
    append_one(element, inner);
  }
  if (!first) NewLine(indent, out);
  out->push_back(close);
}

void Append(const JsonValue& value, int indent, std::string* out) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      out->append("null");
      return;
    case JsonValue::Kind::kBool:
      out->append(value.bool_value() ? "true" : "false");
      return;
    case JsonValue::Kind::kNumber:
      out->append(value.text());
      return;
    case JsonValue::Kind::kString:
      AppendJsonString(value.text(), out);
      return;
    case JsonValue::Kind::kArray:
      AppendContainer('[', ']', value.items(), indent, out,
                      [out](const JsonValue& item, int inner) {
                        Append(item, inner, out);
                      });
      return;
    case JsonValue::Kind::kObject:
      AppendContainer('{', '}', value.members(), indent, out,
                      [out](const JsonValue::Member& member, int inner) {
                        AppendJsonString(member.name, out);
                        out->append(inner < 0 ? ":" : ": ");
                        Append(member.value, inner, out);
                      });
      return;
  }
}

}  // namespace

JsonValue::JsonValue(const JsonValue& other) = default;
JsonValue& JsonValue::operator=(const JsonValue& other) = default;

JsonValue JsonValue::Bool(bool value) {
  JsonValue result;
  result.kind_ = Kind::kBool;
  result.bool_ = value;
  return result;
}

JsonValue JsonValue::Integer(int64_t value) {
  return NumberText(absl::StrCat(value));
}

JsonValue JsonValue::NumberText(std::string text) {
  JsonValue result;
  result.kind_ = Kind::kNumber;
  result.text_ = std::move(text);
  return result;
}

JsonValue JsonValue::String(std::string text) {
  JsonValue result;
  result.kind_ = Kind::kString;
  result.text_ = std::move(text);
  return result;
}

JsonValue JsonValue::Array(std::vector<JsonValue> items) {
  JsonValue result;
  result.kind_ = Kind::kArray;
  result.items_ = std::move(items);
  return result;
}

JsonValue JsonValue::Object() { return Object(std::vector<Member>()); }

JsonValue JsonValue::Object(std::vector<Member> members) {
  JsonValue result;
  result.kind_ = Kind::kObject;
  result.members_ = std::move(members);
  return result;
}

const JsonValue* JsonValue::Find(absl::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

JsonValue* JsonValue::Find(absl::string_view name) {
  return const_cast<JsonValue*>(std::as_const(*this).Find(name));
}

absl::string_view JsonValue::FindString(absl::string_view name) const {
  const JsonValue* value = Find(name);
  return value != nullptr && value->is_string()
             ? absl::string_view(value->text_)
             : absl::string_view();
}

JsonValue& JsonValue::Set(absl::string_view name, JsonValue value) {
  if (JsonValue* present = Find(name)) {
    *present = std::move(value);
    return *present;
  }
  members_.push_back({std::string(name), std::move(value)});
  return members_.back().value;
}

bool JsonValue::Erase(absl::string_view name) {
  return std::erase_if(members_, [name](const Member& member) {
           return member.name == name;
         }) > 0;
}

std::optional<int64_t> JsonValue::AsInteger() const {
  if (kind_ != Kind::kNumber) return std::nullopt;
  int64_t integer = 0;
  const char* end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(text_.data(), end, integer);
  if (error == std::errc() && stop == end) return integer;
  if (text_.find_first_of(".eE") == std::string::npos) return std::nullopt;
  const std::optional<double> number = AsDouble();
  constexpr double kLimit = 9007199254740992.0;  // 2^53
  if (!number.has_value() || std::trunc(*number) != *number ||
      std::fabs(*number) > kLimit) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*number);
}

std::optional<double> JsonValue::AsDouble() const {
  if (kind_ != Kind::kNumber) return std::nullopt;
  return std::strtod(text_.c_str(), nullptr);
}

bool JsonValue::operator==(const JsonValue& other) const {
  if (kind_ != other.kind_ || bool_ != other.bool_ || text_ != other.text_ ||
      items_ != other.items_ || members_.size() != other.members_.size()) {
    return false;
  }
  for (const Member& member : members_) {
    const JsonValue* theirs = other.Find(member.name);
    if (theirs == nullptr || !(*theirs == member.value)) return false;
  }
  return true;
}

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' &&
        !(c == 0xed && IsSurrogate(text.substr(i)))) {
      continue;
    }
    out->append(text.data() + plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\b':
        out->append("\\b");
        break;
      case '\f':
        out->append("\\f");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      case 0xed:
        AppendUnicodeEscape(
            0xd000U | (static_cast<unsigned char>(text[i + 1]) & 0x3fU) << 6U |
                (static_cast<unsigned char>(text[i + 2]) & 0x3fU),
            out);
        i += 2;
        plain = i + 1;
        break;
      default:
        AppendUnicodeEscape(c, out);
    }
  }
  out->append(text.data() + plain, text.size() - plain);
  out->push_back('"');
}

std::string JsonString(absl::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string WriteJson(const JsonValue& value) {
  std::string out;
  Append(value, -1, &out);
  return out;
}

std::string WriteJsonIndented(const JsonValue& value) {
  std::string out;
  Append(value, 0, &out);
  out.push_back('\n');
  return out;
}

std::string PointerStep(absl::string_view token) {
  return absl::StrCat("/",
                      absl::StrReplaceAll(token, {{"~", "~0"}, {"/", "~1"}}));
}

const JsonValue* AtPointer(const JsonValue& root, absl::string_view pointer) {
  const JsonValue* value = &root;
  while (value != nullptr && !pointer.empty()) {
    if (pointer[0] != '/') return nullptr;
    pointer.remove_prefix(1);
    const absl::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    const std::string token =
        absl::StrReplaceAll(raw, {{"~1", "/"}, {"~0", "~"}});
    if (value->is_array()) {
      size_t index = 0;
      const auto [stop, error] =
          std::from_chars(token.data(), token.data() + token.size(), index);
      const bool whole =
          error == std::errc() && stop == token.data() + token.size();
      value = whole && index < value->items().size() ? &value->items()[index]
                                                     : nullptr;
    } else {
      value = value->Find(token);
    }
  }
  return value;
}

}  // namespace orrery::registry
