#include "signing/encoding.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orrery::signing {
namespace {

constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> MakeValues(absl::string_view digits) {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNone;
  for (size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

constexpr auto kBase64Values = MakeValues(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

uint8_t Value(const std::array<uint8_t, 256>& values, char c) {
  return values[static_cast<unsigned char>(c)];
}

absl::Status NoBase64(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is no base64: ", why));
}

}  // namespace

std::string Quoted(absl::string_view text) {
  constexpr size_t kMaxShown = 80;
  return absl::StrCat("'", absl::CHexEscape(text.substr(0, kMaxShown)),
                      text.size() > kMaxShown ? "…'" : "'");
}

absl::StatusOr<std::string> DecodeBase64(absl::string_view text) {
  if (text.size() % 4 != 0) {
    return NoBase64(text, "its length is no multiple of 4");
  }
  size_t padding = 0;
  while (padding < 2 && padding < text.size() &&
         text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  const absl::string_view digits = text.substr(0, text.size() - padding);
  std::string bytes(digits.size() * 3 / 4, '\0');
  char* next = bytes.data();
  uint32_t bits = 0;
  int count = 0;
  for (const char c : digits) {
    const uint8_t value = Value(kBase64Values, c);
    if (value == kNone) return NoBase64(text, "a character is not in it");
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    *next++ = static_cast<char>(bits >> count & 0xff);
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    return NoBase64(text, "its unused bits are not zero");
  }
  return bytes;
}

absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text, uint64_t max) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit) ||
      (text[0] == '0' && text.size() > 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text),
                     " is no number: digits without a leading zero or sign"
                     " are wanted"));
  }
  uint64_t number = 0;
  for (const char c : text) {
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (digit > max || number > (max - digit) / 10) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(text), " is more than ", max));
    }
    number = number * 10 + digit;
  }
  return number;
}

bool IsPrintableAscii(absl::string_view text) {
  // Without a way out the compiler takes many bytes at once.
  unsigned char wrong = 0;
  for (const char c : text) {
    wrong |= static_cast<unsigned char>(c < 0x20) |
             static_cast<unsigned char>(c > 0x7e);
  }
  return wrong == 0;
}

absl::StatusOr<absl::string_view> LineReader::Next() {
  if (AtEnd()) return absl::InvalidArgumentError("the text ends too early");
  ++line_;
  const size_t end = rest_.find('\n');
  if (end == absl::string_view::npos) {
    return absl::InvalidArgumentError("the last line does not end with LF");
  }
  if (end > max_bytes_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the line has ", end, " bytes, ", max_bytes_, " are the most"));
  }
  const absl::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<absl::string_view> LineReader::NextAfter(
    absl::string_view prefix) {
  absl::StatusOr<absl::string_view> line = Next();
  if (line.ok() && !absl::ConsumePrefix(&*line, prefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a line '", prefix, "…' is missing"));
  }
  return line;
}

}  // namespace orrery::signing
