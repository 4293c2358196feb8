#include "cli-plugin/text/yaml_output.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// Words that YAML 1.1 or 1.2 takes for booleans and nulls, in lower case.
constexpr std::array<absl::string_view, 9> kOtherWords = {
    "true", "false", "null", "yes", "no", "on", "off", "y", "n"};

// Letters, then letters, digits and harmless signs: no number, date, indicator
// or comment can look like that.
bool IsPlain(absl::string_view text) {
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text[0])))
    return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        !absl::StrContains("-_./ ", c)) {
      return false;
    }
  }
  if (text.back() == ' ') return false;
  const std::string lower = absl::AsciiStrToLower(text);
  return std::find(kOtherWords.begin(), kOtherWords.end(), lower) ==
         kOtherWords.end();
}

std::string Scalar(const JsonValue& value) {
  if (value.is_string() && IsPlain(value.text())) return value.text();
  return registry::WriteJson(value);
}

std::string Key(absl::string_view name) {
  return IsPlain(name) ? std::string(name) : registry::JsonString(name);
}

bool IsBlock(const JsonValue& value) {
  return !value.members().empty() || !value.items().empty();
}

// The lines of a block, each behind `indent` spaces, but for the first one when
// something stands before it already.
void AppendBlock(const JsonValue& value, size_t indent, bool first_is_placed,
                 std::string* out) {
  const auto begin_line = [&] {
    if (!first_is_placed) out->append(indent, ' ');
    first_is_placed = false;
  };
  for (const JsonValue::Member& member : value.members()) {
    begin_line();
    absl::StrAppend(out, Key(member.name), ":");
    if (!IsBlock(member.value)) {
      absl::StrAppend(out, " ", Scalar(member.value), "\n");
      continue;
    }
    out->push_back('\n');
    AppendBlock(member.value, indent + 2, false, out);
  }
  for (const JsonValue& item : value.items()) {
    begin_line();
    absl::StrAppend(out, "- ");
    if (!IsBlock(item)) {
      absl::StrAppend(out, Scalar(item), "\n");
      continue;
    }
    AppendBlock(item, indent + 2, true, out);
  }
}

}  // namespace

std::string WriteYaml(const JsonValue& value) {
  if (!IsBlock(value)) return absl::StrCat(Scalar(value), "\n");
  std::string out;
  AppendBlock(value, 0, false, &out);
  return out;
}

}  // namespace orrery::cli
