#include "resolver/requirement_text.h"

#include <algorithm>
#include <cstdint>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace orrery::resolver {
namespace {

bool IsPrintable(unsigned char byte) { return byte >= 0x21 && byte <= 0x7e; }

std::string PointerText(absl::string_view pointer) {
  std::string text;
  for (const char c : pointer) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsPrintable(byte) && c != '%') {
      text += c;
    } else {
      absl::StrAppendFormat(&text, "%%%02X", byte);
    }
  }
  return text;
}

// Takes one code point off well-formed UTF-8.
uint32_t TakeCodePoint(absl::string_view* text) {
  const auto lead = static_cast<unsigned char>(text->front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i < length && i < text->size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>((*text)[i]) & 0x3fu);
  }
  text->remove_prefix(std::min(length, text->size()));
  return point;
}

std::string ScalarText(absl::string_view json) {
  std::string text;
  while (!json.empty()) {
    const uint32_t point = TakeCodePoint(&json);
    if (point < 0x80 && IsPrintable(static_cast<unsigned char>(point))) {
      text += static_cast<char>(point);
    } else if (point < 0x10000) {
      absl::StrAppendFormat(&text, "\\u%04x", point);
    } else {
      const uint32_t rest = point - 0x10000;
      absl::StrAppendFormat(&text, "\\u%04x\\u%04x", 0xd800 + (rest >> 10),
                            0xdc00 + (rest & 0x3ff));
    }
  }
  return text;
}

std::string TargetText(const WrittenTarget& target, absl::string_view marks) {
  std::string text = absl::StrCat(
      target.kind == TargetKind::kCapability ? "cap:" : "", target.name, marks);
  if (!target.versions.is_any()) {
    absl::StrAppend(&text, " ", target.versions.ToString());
  }
  return text;
}

std::string AlternativeText(const WrittenAlternative& alternative) {
  std::string marks = alternative.own ? "@own" : "";
  if (!alternative.features.empty()) {
    absl::StrAppend(&marks, "[", absl::StrJoin(alternative.features, ","), "]");
  }
  return TargetText(alternative.target, marks);
}

std::string ConditionText(const WrittenCondition& condition) {
  if (const auto* target = std::get_if<WrittenTarget>(&condition)) {
    return TargetText(*target, "");
  }
  const auto& option = std::get<OptionCondition>(condition);
  const std::string text = absl::StrCat("option:", PointerText(option.option));
  switch (option.test) {
    case OptionCondition::Test::kEquals:
      return absl::StrCat(text, " = ", ScalarText(option.value));
    case OptionCondition::Test::kNotEquals:
      return absl::StrCat(text, " != ", ScalarText(option.value));
    case OptionCondition::Test::kSet:
      return absl::StrCat(text, " set");
    case OptionCondition::Test::kUnset:
      return absl::StrCat(text, " unset");
  }
  return text;
}

}  // namespace

std::string RequirementText(const WrittenRequirement& requirement,
                            absl::string_view feature) {
  std::vector<std::string> alternatives;
  for (const WrittenAlternative& alternative : requirement.any_of) {
    alternatives.push_back(AlternativeText(alternative));
  }
  std::vector<std::string> conditions;
  for (const WrittenCondition& condition : requirement.when) {
    conditions.push_back(ConditionText(condition));
  }
  if (!feature.empty()) {
    conditions.push_back(absl::StrCat("feature:", feature));
  }
  std::string text = absl::StrJoin(alternatives, " | ");
  if (!conditions.empty()) {
    absl::StrAppend(&text, " if ", absl::StrJoin(conditions, " & "));
  }
  return text;
}

}  // namespace orrery::resolver
