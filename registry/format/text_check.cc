#include "registry/format/text_check.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace orrery::registry {
namespace {

constexpr size_t kNone = absl::string_view::npos;

size_t FindNonAscii(absl::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080U;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= text.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i < text.size() ? i : kNone;
}

// In JSON a backslash stands only in strings and always has a partner.
size_t FindUnicodeEscape(absl::string_view text) {
  size_t at = text.find('\\');
  while (at != kNone && at + 1 < text.size() && text[at + 1] != 'u') {
    at = text.find('\\', at + 2);
  }
  return at != kNone && at + 1 < text.size() ? at : kNone;
}

}  // namespace

bool CheckText(TextKind kind, FileReport* report) {
  absl::string_view text = report->text();
  const size_t whole = text.size();
  if (absl::ConsumePrefix(&text, "\xef\xbb\xbf")) {
    report->AddWhole(rules::kBom, "the file begins with a byte-order mark");
  }
  const auto line_at = [&](size_t offset) {
    return report->LineAt(whole - text.size() + offset);
  };
  if (const size_t at = text.find("\r\n"); at != kNone) {
    report->AddAtLine(rules::kCrlf, line_at(at), "lines end in CR LF");
  }
  if (const size_t at = FindNonAscii(text); at != kNone) {
    report->AddAtLine(rules::kNonAscii, line_at(at),
                      "a byte beyond ASCII; old servers decode it by the "
                      "charset of their platform");
  }
  if (!text.empty() && !absl::EndsWith(text, "\n")) {
    report->AddWhole(rules::kNoFinalNewline,
                     "the last line does not end in a newline");
  }
  if (kind != TextKind::kJson) return false;
  const size_t escape = FindUnicodeEscape(text);
  if (escape == kNone) return false;
  report->AddAtLine(rules::kUnicodeEscape, line_at(escape),
                    "a \\u escape; old servers cannot render it");
  return true;
}

}  // namespace orrery::registry
