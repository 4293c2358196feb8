#include "registry/format/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {
namespace {

// ECMAScript's Number::toString, from the shortest digits d.ddde±x.
std::string EcmaScriptNumber(double number) {
  if (number == 0) return "0";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number,
                                 std::chars_format::scientific);
  absl::string_view text(buffer, static_cast<size_t>(end.ptr - buffer));
  std::string sign;
  if (text.front() == '-') {
    sign = "-";
    text.remove_prefix(1);
  }
  const size_t mark = text.find('e');
  int exponent = 0;
  const char* digits_of_exponent =
      text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (mark > 2) absl::StrAppend(&digits, text.substr(2, mark - 2));
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;
  if (count <= point && point <= 21) {
    return sign + digits + std::string(static_cast<size_t>(point - count), '0');
  }
  if (0 < point && point <= 21) {
    return absl::StrCat(sign, digits.substr(0, static_cast<size_t>(point)), ".",
                        digits.substr(static_cast<size_t>(point)));
  }
  if (-6 < point && point <= 0) {
    return absl::StrCat(sign, "0.",
                        std::string(static_cast<size_t>(-point), '0'), digits);
  }
  return absl::StrCat(sign, digits.substr(0, 1), count > 1 ? "." : "",
                      digits.substr(1), "e", exponent < 0 ? "-" : "+",
                      std::abs(exponent));
}

std::string NumberText(const JsonValue& value) {
  const std::optional<double> number = value.AsDouble();
  if (!number.has_value() || !std::isfinite(*number)) return value.text();
  return EcmaScriptNumber(*number);
}

// UTF-16 sorts the supplementary planes (lead bytes F0 and above) before what
// is above the surrogates (EE, EF).
bool Utf16Less(absl::string_view a, absl::string_view b) {
  const auto [left, right] =
      std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (right == b.end()) return false;
  if (left == a.end()) return true;
  const auto order = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
  };
  return order(*left) < order(*right);
}

class Writer {
 public:
  explicit Writer(bool indented) : indented_(indented) {}

  void Write(const JsonValue& value, size_t depth) {
    switch (value.kind()) {
      case JsonValue::Kind::kNumber:
        text_ += NumberText(value);
        return;
      case JsonValue::Kind::kArray:
        WriteArray(value, depth);
        return;
      case JsonValue::Kind::kObject:
        WriteObject(value, depth);
        return;
      default:
        text_ += WriteJson(value);
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  void WriteArray(const JsonValue& value, size_t depth) {
    text_ += '[';
    for (const JsonValue& item : value.items()) {
      if (&item != &value.items().front()) text_ += ',';
      NewLine(depth + 1);
      Write(item, depth + 1);
    }
    if (!value.items().empty()) NewLine(depth);
    text_ += ']';
  }

  void WriteObject(const JsonValue& value, size_t depth) {
    std::vector<const JsonValue::Member*> members;
    for (const JsonValue::Member& member : value.members()) {
      members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const JsonValue::Member* a, const JsonValue::Member* b) {
                return Utf16Less(a->name, b->name);
              });
    text_ += '{';
    for (const JsonValue::Member* member : members) {
      if (member != members.front()) text_ += ',';
      NewLine(depth + 1);
      AppendJsonString(member->name, &text_);
      text_ += indented_ ? ": " : ":";
      Write(member->value, depth + 1);
    }
    if (!members.empty()) NewLine(depth);
    text_ += '}';
  }

  void NewLine(size_t depth) {
    if (indented_) text_ += "\n" + std::string(2 * depth, ' ');
  }

  const bool indented_;
  std::string text_;
};

}  // namespace

std::string CanonicalJson(const JsonValue& value) {
  Writer writer(/*indented=*/false);
  writer.Write(value, 0);
  return writer.Take();
}

std::string CanonicalJsonIndented(const JsonValue& value) {
  Writer writer(/*indented=*/true);
  writer.Write(value, 0);
  return writer.Take() + "\n";
}

}  // namespace orrery::registry
