#include "catalog/options/options_file.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

bool LooksLikeUtf16(absl::string_view text) {
  return absl::StartsWith(text, "\xff\xfe") ||
         absl::StartsWith(text, "\xfe\xff") ||
         (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
}

// Whether the first line with anything in it begins as YAML does: `key:`,
// `- item`, `---`, `%YAML`, a comment.
bool LooksLikeYaml(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (line == "---" || absl::StartsWith(line, "- ") ||
        absl::StartsWith(line, "%YAML")) {
      return true;
    }
    if (absl::StrContains("{[\"/", line[0])) return false;
    return absl::EndsWith(line, ":") || absl::StrContains(line, ": ");
  }
  return false;
}

// Where the text has a comment outside strings, if it has one.
std::optional<size_t> FindComment(absl::string_view text) {
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string &&
               (text[i] == '#' || absl::StartsWith(text.substr(i), "//") ||
                absl::StartsWith(text.substr(i), "/*"))) {
      return i;
    }
  }
  return std::nullopt;
}

// Where a comma stands in front of a closing bracket, if one does.
std::optional<size_t> FindTrailingComma(absl::string_view text) {
  bool in_string = false;
  std::optional<size_t> comma;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
      comma.reset();
    } else if (!in_string && c == ',') {
      comma = i;
    } else if (!in_string && (c == '}' || c == ']') && comma.has_value()) {
      return comma;
    } else if (!absl::ascii_isspace(static_cast<unsigned char>(c))) {
      comma.reset();
    }
  }
  return std::nullopt;
}

absl::Status FaultAt(absl::string_view text, size_t offset,
                     absl::string_view reason) {
  const registry::JsonPlace place = registry::PlaceAt(text, offset);
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", place.line, ", column ", place.column, ": ", reason));
}

// Says more than the parser can about text that people take for JSON.
absl::Status Explain(absl::string_view text, const absl::Status& fault) {
  if (LooksLikeYaml(text)) {
    const size_t start = text.find_first_not_of(" \t\r\n");
    return FaultAt(text, start,
                   "this looks like YAML; options are read as JSON only");
  }
  if (const auto comment = FindComment(text)) {
    return FaultAt(text, *comment, "JSON has no comments; remove this one");
  }
  if (const auto comma = FindTrailingComma(text)) {
    return FaultAt(text, *comma,
                   "a comma in front of a closing bracket; remove it");
  }
  if (absl::StrContains(fault.message(), "second value")) {
    return absl::InvalidArgumentError(absl::StrCat(
        fault.message(), "; a file holds one document, give --options twice"));
  }
  return absl::InvalidArgumentError(fault.message());
}

size_t CountMembers(const JsonValue& value) {
  size_t count = value.members().size();
  for (const auto& member : value.members()) {
    count += CountMembers(member.value);
  }
  for (const JsonValue& item : value.items()) count += CountMembers(item);
  return count;
}

absl::Status CheckDocument(absl::string_view text,
                           const registry::JsonDocument& document) {
  if (!document.root.is_object()) {
    return FaultAt(
        text, document.root.offset(),
        "options are one JSON object, {\"service\": {...}}, and this "
        "is something else");
  }
  if (!document.duplicates.empty()) {
    const registry::DuplicateKey& twice = document.duplicates.front();
    return absl::InvalidArgumentError(absl::StrCat(
        "option ", twice.pointer, " stands twice, on line ", twice.first_line,
        " and on line ", twice.second_line, "; keep one of them"));
  }
  const size_t members = CountMembers(document.root);
  if (members > kMaxOptionMembers) {
    return absl::ResourceExhaustedError(
        absl::StrCat(members, " options; the limit is ", kMaxOptionMembers));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JsonValue> ParseOptionsFile(absl::string_view text) {
  if (text.size() > kMaxOptionsBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the options have ", text.size(), " bytes; the limit is ",
                     kMaxOptionsBytes, " (1 MiB)"));
  }
  if (LooksLikeUtf16(text)) {
    return absl::InvalidArgumentError(
        "line 1, column 1: this looks like UTF-16; save the file as UTF-8");
  }
  absl::string_view plain = text;
  absl::ConsumePrefix(&plain, kByteOrderMark);
  if (absl::StripAsciiWhitespace(plain).empty()) {
    return absl::InvalidArgumentError(
        "empty; options are one JSON object, at least {}");
  }
  registry::JsonLimits limits;
  limits.max_bytes = kMaxOptionsBytes;
  limits.max_depth = kMaxOptionsDepth;
  absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(text, limits);
  if (!document.ok()) {
    if (absl::IsResourceExhausted(document.status())) return document.status();
    return Explain(plain, document.status());
  }
  const absl::Status status = CheckDocument(plain, *document);
  if (!status.ok()) return status;
  return std::move(document->root);
}

}  // namespace orrery::catalog
