#include "catalog/options/option_fault.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "catalog/options/decimal.h"
#include "catalog/options/option_flag.h"
#include "catalog/options/schema_node.h"
#include "catalog/options/secret_option.h"
#include "resolver/spelling.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr size_t kMaxFound = 80;
constexpr size_t kMaxDescription = 160;
constexpr size_t kMaxChoices = 10;

std::string Shorten(std::string text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80)
    --limit;
  text.resize(limit);
  return text + "...";
}

std::string OneLine(absl::string_view text) {
  return Shorten(absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"),
                                              absl::SkipEmpty()),
                               " "),
                 kMaxDescription);
}

// Names of options and patterns may hold any character; a line holds none that
// ends it or drives a terminal.
std::string EscapeControls(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&escaped, "\\u%04x", static_cast<unsigned>(c));
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

std::string TypePhrase(absl::string_view type) {
  if (type == "null") return "null";
  const bool vowel = !type.empty() && absl::StrContains("aeiou", type[0]);
  return absl::StrCat(vowel ? "an " : "a ", type);
}

std::string TypesPhrase(const std::vector<std::string>& types) {
  std::vector<std::string> phrases;
  for (const std::string& type : types) phrases.push_back(TypePhrase(type));
  return phrases.empty() ? "a value" : absl::StrJoin(phrases, " or ");
}

std::vector<std::string> TypesOf(const JsonValue& type) {
  if (type.is_string()) return {type.text()};
  std::vector<std::string> types;
  for (const JsonValue& item : type.items()) types.push_back(item.text());
  return types;
}

std::string ChoicesPhrase(const JsonValue& choices) {
  std::vector<std::string> texts;
  for (const JsonValue& choice : choices.items()) {
    if (texts.size() == kMaxChoices) {
      texts.push_back(
          absl::StrCat("... (", choices.items().size(), " in all)"));
      break;
    }
    texts.push_back(Shorten(WriteJson(choice), kMaxFound));
  }
  return texts.size() == 1
             ? texts[0]
             : absl::StrCat("one of ", absl::StrJoin(texts, ", "));
}

std::string FormatPhrase(absl::string_view format) {
  if (format == "ipv4") return "an IPv4 address";
  if (format == "ipv6") return "an IPv6 address";
  if (format == "email") return "a mail address";
  if (format == "hostname") return "a host name";
  return "a time such as 2026-01-31T12:00:00Z";
}

// A missing option's type and bounds.
std::string MissingPhrase(const SchemaNode& node) {
  if (const JsonValue* choices = node.Keyword("enum")) {
    return ChoicesPhrase(*choices);
  }
  std::string phrase = TypesPhrase(node.Types());
  if (const JsonValue* minimum = node.Keyword("minimum")) {
    absl::StrAppend(&phrase, ", at least ", minimum->text());
  }
  if (const JsonValue* maximum = node.Keyword("maximum")) {
    absl::StrAppend(&phrase, ", at most ", maximum->text());
  }
  if (const absl::string_view pattern = node.Text("pattern");
      !pattern.empty()) {
    absl::StrAppend(&phrase, " that matches ", pattern);
  }
  return phrase;
}

std::string Wanted(const BrokenKeyword& broken, const SchemaNode& node) {
  const std::string& keyword = broken.keyword;
  if (broken.value == nullptr) return MissingPhrase(node);
  const JsonValue* rule = broken.schema->Find(keyword);
  const std::string bound = rule == nullptr ? "" : rule->text();
  const auto exclusive = [&broken](absl::string_view name) {
    const JsonValue* flag = broken.schema->Find(name);
    return flag != nullptr && flag->bool_value();
  };
  if (keyword == "type") return TypesPhrase(TypesOf(*rule));
  if (keyword == "enum") return ChoicesPhrase(*rule);
  if (keyword == "minimum") {
    return absl::StrCat(
        exclusive("exclusiveMinimum") ? "more than " : "at least ", bound);
  }
  if (keyword == "maximum") {
    return absl::StrCat(
        exclusive("exclusiveMaximum") ? "less than " : "at most ", bound);
  }
  if (keyword == "multipleOf") return absl::StrCat("a multiple of ", bound);
  if (keyword == "minLength") {
    return absl::StrCat("at least ", bound, " characters");
  }
  if (keyword == "maxLength") {
    return absl::StrCat("at most ", bound, " characters");
  }
  if (keyword == "pattern") return absl::StrCat("text that matches ", bound);
  if (keyword == "format") return FormatPhrase(bound);
  if (keyword == "minItems") return absl::StrCat("at least ", bound, " items");
  if (keyword == "maxItems") return absl::StrCat("at most ", bound, " items");
  if (keyword == "uniqueItems") return "items that differ";
  if (keyword == "additionalItems") return "no further items";
  if (keyword == "minProperties") {
    return absl::StrCat("at least ", bound, " members");
  }
  if (keyword == "maxProperties") {
    return absl::StrCat("at most ", bound, " members");
  }
  if (keyword == "additionalProperties") return "no option of this name";
  if (keyword == "not") return "something the schema does not exclude";
  return absl::StrCat(keyword == "oneOf" ? "exactly one of " : "one of ",
                      rule->items().size(), " forms");
}

// The literal that an expression of nothing but letters asks for.
std::optional<std::string> LiteralOf(absl::string_view pattern) {
  absl::ConsumePrefix(&pattern, "^");
  absl::ConsumeSuffix(&pattern, "$");
  const bool plain =
      std::all_of(pattern.begin(), pattern.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_';
      });
  if (pattern.empty() || !plain) return std::nullopt;
  return std::string(pattern);
}

std::string TextOf(const JsonValue& value) {
  return value.is_string() ? value.text() : WriteJson(value);
}

bool Includes(const std::vector<std::string>& types, absl::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A value for an option that is missing.
std::string MissingValue(const SchemaNode& node) {
  if (const JsonValue* value = node.Keyword("default")) return TextOf(*value);
  if (const JsonValue* choices = node.Keyword("enum");
      choices != nullptr && !choices->items().empty()) {
    return TextOf(choices->items().front());
  }
  const std::vector<std::string> types = node.Types();
  if (Includes(types, "boolean")) return "true";
  if (const JsonValue* minimum = node.Keyword("minimum")) {
    return minimum->text();
  }
  return LiteralOf(node.Text("pattern")).value_or(kUserValue);
}

// `value`, of a wrong type, as one of the right types.
std::string Converted(const JsonValue& value, const SchemaNode& node) {
  const std::vector<std::string> types = node.Types();
  const std::string text = TextOf(value);
  if (Includes(types, "string")) return text;
  if (Includes(types, "boolean")) {
    const bool off = text.empty() || text == "0" || text == "null" ||
                     text == "false" || text == "no";
    return off ? "false" : "true";
  }
  const bool number = Includes(types, "integer") || Includes(types, "number");
  const bool digits =
      !text.empty() && text.size() < 16 &&
      text.find_first_not_of("0123456789.") == std::string::npos &&
      text[0] != '.';
  if (number && digits) {
    const JsonValue* minimum = node.Keyword("minimum");
    const std::string whole =
        Includes(types, "number") ? text : text.substr(0, text.find('.'));
    const bool below =
        minimum != nullptr &&
        CompareDecimals(ParseDecimal(whole), ParseDecimal(minimum->text())) < 0;
    return below ? minimum->text() : whole;
  }
  if (const JsonValue* fallback = node.Keyword("default")) {
    if (fallback->kind() != value.kind()) return TextOf(*fallback);
  }
  return kUserValue;
}

std::string NearestChoice(const JsonValue& value, const JsonValue& choices) {
  std::vector<std::string> words;
  for (const JsonValue& choice : choices.items()) {
    words.push_back(TextOf(choice));
  }
  if (words.empty()) return kUserValue;
  const std::vector<std::string> near =
      resolver::NearestWords(TextOf(value), words, 1);
  return near.empty() ? words.front() : near.front();
}

// A bound as the value to set, when the bound itself is allowed.
std::string AtBound(const BrokenKeyword& broken, absl::string_view exclusive,
                    int64_t beyond) {
  const JsonValue* bound = broken.schema->Find(broken.keyword);
  const JsonValue* flag = broken.schema->Find(exclusive);
  if (flag == nullptr || !flag->bool_value()) return bound->text();
  const std::optional<int64_t> integer = bound->AsInteger();
  return integer.has_value() ? absl::StrCat(*integer + beyond) : kUserValue;
}

std::optional<std::string> FixValue(const BrokenKeyword& broken,
                                    const SchemaNode& node) {
  if (broken.value == nullptr) return MissingValue(node);
  if (broken.keyword == "type") return Converted(*broken.value, node);
  if (broken.keyword == "enum") {
    return NearestChoice(*broken.value, *broken.schema->Find("enum"));
  }
  if (broken.keyword == "minimum") {
    return AtBound(broken, "exclusiveMinimum", 1);
  }
  if (broken.keyword == "maximum") {
    return AtBound(broken, "exclusiveMaximum", -1);
  }
  if (broken.keyword == "pattern") {
    return LiteralOf(broken.schema->FindString("pattern")).value_or(kUserValue);
  }
  if (broken.keyword == "multipleOf" || broken.keyword == "format" ||
      absl::EndsWith(broken.keyword, "Length") ||
      absl::EndsWith(broken.keyword, "Items")) {
    return kUserValue;
  }
  return std::nullopt;
}

// An option inside a list cannot be set alone.
bool LiesInArray(const JsonValue& effective, absl::string_view pointer) {
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '/') continue;
    const JsonValue* above = AtPointer(effective, pointer.substr(0, i));
    if (above != nullptr && above->is_array()) return true;
  }
  return false;
}

std::string Fix(const BrokenKeyword& broken, const SchemaNode& node,
                const JsonValue& effective) {
  if (broken.pointer.empty() || LiesInArray(effective, broken.pointer)) {
    return "";
  }
  if (broken.keyword == "additionalProperties") {
    return UnsetFlag(broken.pointer);
  }
  const std::optional<std::string> value = FixValue(broken, node);
  if (!value.has_value()) return "";
  return SetFlag(broken.pointer, *value);
}

}  // namespace

OptionFault DescribeFault(const BrokenKeyword& broken, const JsonValue& config,
                          const JsonValue& effective) {
  const SchemaNode node = NodeAt(config, broken.pointer);
  OptionFault fault;
  fault.pointer = broken.pointer;
  fault.schema_pointer = broken.schema_pointer;
  fault.keyword = broken.keyword;
  fault.wanted = Wanted(broken, node);
  fault.description = OneLine(node.Text("description"));
  const std::string name(
      absl::string_view(broken.pointer).substr(broken.pointer.rfind('/') + 1));
  const bool secret =
      broken.value != nullptr && IsSecretOption(name, node, *broken.value);
  if (broken.value == nullptr) {
    fault.found = "nothing";
  } else if (secret) {
    fault.found = "a secret";
  } else if (broken.value->is_object()) {
    fault.found = "an object";
  } else {
    fault.found = Shorten(WriteJson(*broken.value), kMaxFound);
  }
  if (!secret) {
    fault.fix = Fix(broken, node, effective);
  } else if (broken.keyword != "additionalProperties") {
    fault.fix = SetFlag(broken.pointer, kUserValue);
  }
  return fault;
}

std::string OptionFaultText(const OptionFault& fault) {
  std::string text =
      absl::StrCat(fault.pointer.empty() ? "the options" : fault.pointer,
                   ": found ", fault.found, ", wanted ", fault.wanted);
  if (!fault.description.empty()) {
    absl::StrAppend(&text, " (", fault.description, ")");
  }
  // A flag that cannot be shown as it is cannot be copied either.
  if (!fault.fix.empty() && EscapeControls(fault.fix) == fault.fix) {
    absl::StrAppend(&text, "; fix: ", fault.fix);
  }
  return EscapeControls(text);
}

}  // namespace orrery::catalog
