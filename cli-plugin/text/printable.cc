#include "cli-plugin/text/printable.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace orrery::cli {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
constexpr absl::string_view kEllipsis = "\xE2\x80\xA6";

// Bytes of the well-formed sequence at the start of `text`, or 0.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

// C0, DEL, and C1 (U+0080 to U+009F, which some terminals obey too).
bool IsControl(absl::string_view sequence) {
  const auto lead = static_cast<uint8_t>(sequence[0]);
  if (sequence.size() == 1) {
    return (lead < 0x20 && lead != '\n' && lead != '\t') || lead == 0x7F;
  }
  return sequence.size() == 2 && lead == 0xC2 &&
         static_cast<uint8_t>(sequence[1]) < 0xA0;
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) {
      absl::StrAppend(&printable, kReplacement);
      text.remove_prefix(1);
      continue;
    }
    const absl::string_view sequence = text.substr(0, length);
    if (!IsControl(sequence)) absl::StrAppend(&printable, sequence);
    text.remove_prefix(length);
  }
  return printable;
}

std::string OneLine(absl::string_view text) {
  std::string line = Printable(text);
  // What follows keeps a line end that stands alone.
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); },
      ' ');
  absl::RemoveExtraAsciiWhitespace(&line);
  return line;
}

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  for (const char c : text) {
    if ((static_cast<uint8_t>(c) & 0xC0) != 0x80) ++width;
  }
  return width;
}

std::string Shortened(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string shortened;
  size_t taken = 0;
  for (const char c : text) {
    const bool begins = (static_cast<uint8_t>(c) & 0xC0) != 0x80;
    if (begins && ++taken >= width) break;
    shortened.push_back(c);
  }
  return absl::StrCat(shortened, kEllipsis);
}

std::string Wrapped(absl::string_view text, size_t width,
                    absl::string_view indent) {
  std::string wrapped;
  for (absl::string_view paragraph : absl::StrSplit(text, '\n')) {
    std::string line;
    for (absl::string_view word :
         absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      if (!line.empty() &&
          DisplayWidth(line) + 1 + DisplayWidth(word) + indent.size() > width) {
        absl::StrAppend(&wrapped, indent, line, "\n");
        line.clear();
      }
      absl::StrAppend(&line, line.empty() ? "" : " ", word);
    }
    absl::StrAppend(&wrapped, line.empty() ? "" : indent, line, "\n");
  }
  return wrapped;
}

}  // namespace orrery::cli
