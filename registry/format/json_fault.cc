#include "registry/format/json_fault.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPlacePayload = "orrery.json.place";
// Not absl's: to JSON, vertical tab and form feed are no white space.
constexpr absl::string_view kBlanks = " \t\r\n";

// Length of the UTF-8 sequence at the start of `text`, 0 if it is none.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [byte](size_t i) { return (byte(i) & 0xc0U) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) >= 0xa0) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

absl::Status InvalidAt(absl::string_view text, size_t offset,
                       absl::string_view reason) {
  return JsonFaultAt(text, offset, absl::StatusCode::kInvalidArgument, reason);
}

}  // namespace

JsonPlace PlaceAt(absl::string_view text, size_t offset) {
  const absl::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n');
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(line_start == absl::string_view::npos
                               ? before.size()
                               : before.size() - line_start - 1) +
              1};
}

absl::Status JsonFaultAt(absl::string_view text, size_t offset,
                         absl::StatusCode code, absl::string_view reason) {
  const JsonPlace place = PlaceAt(text, offset);
  absl::Status status(code, absl::StrCat("line ", place.line, ", column ",
                                         place.column, ": ", reason));
  status.SetPayload(kPlacePayload,
                    absl::Cord(absl::StrCat(place.line, ":", place.column)));
  return status;
}

std::optional<JsonPlace> FaultPlace(const absl::Status& status) {
  const auto payload = status.GetPayload(kPlacePayload);
  if (!payload.has_value()) return std::nullopt;
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), ':');
  JsonPlace place;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &place.line) ||
      !absl::SimpleAtoi(parts[1], &place.column)) {
    return std::nullopt;
  }
  return place;
}

absl::Status LocateTextFault(absl::string_view text, absl::string_view reason) {
  if (text.find_first_not_of(kBlanks) == absl::string_view::npos) {
    return InvalidAt(text, 0, "the text is empty");
  }
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    if (length == 0) return InvalidAt(text, i, "not UTF-8");
    i += length;
  }
  bool in_string = false;
  size_t opened = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (in_string && c < 0x20) {
      return InvalidAt(text, i,
                       "a control character inside a string must be escaped");
    }
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
      opened = i;
    }
  }
  if (in_string) return InvalidAt(text, opened, "this string is not closed");
  return InvalidAt(text, text.size(), reason);
}

absl::Status LocateUnclosed(absl::string_view text) {
  std::string open;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      open.push_back(c == '{' ? '}' : ']');
    } else if (!in_string && (c == '}' || c == ']')) {
      if (open.empty() || open.back() != c) {
        return InvalidAt(text, i, "this closing bracket closes nothing");
      }
      open.pop_back();
      const size_t rest = text.find_first_not_of(kBlanks, i + 1);
      if (open.empty() && rest != absl::string_view::npos) {
        return InvalidAt(text, rest,
                         "a second value after the end of the first");
      }
    }
  }
  return InvalidAt(text, text.find_last_not_of(kBlanks) + 1,
                   "the text ends too early");
}

}  // namespace orrery::registry
