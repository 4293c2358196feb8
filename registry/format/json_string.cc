#include "registry/format/json_string.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/strings/ascii.h"

namespace orrery::registry {
namespace {

// Four hex digits, or -1.
int HexCode(const char* text) {
  int code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[i];
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
    code =
        code * 16 +
        (absl::ascii_isdigit(static_cast<unsigned char>(c))
             ? c - '0'
             : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10);
  }
  return code;
}

void AppendUtf8(unsigned code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xc0U | code >> 6U));
    out->push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  } else if (code < 0x10000) {
    out->push_back(static_cast<char>(0xe0U | code >> 12U));
    out->push_back(static_cast<char>(0x80U | (code >> 6U & 0x3fU)));
    out->push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  } else {
    out->push_back(static_cast<char>(0xf0U | code >> 18U));
    out->push_back(static_cast<char>(0x80U | (code >> 12U & 0x3fU)));
    out->push_back(static_cast<char>(0x80U | (code >> 6U & 0x3fU)));
    out->push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  }
}

// The first quote or backslash from `p` on, which must be there; eight bytes
// behind it are looked at, too.
const char* EndOfPlain(const char* p) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  while (true) {
    uint64_t word = 0;
    std::memcpy(&word, p, sizeof(word));
    const uint64_t quote = word ^ (kOnes * '"');
    const uint64_t backslash = word ^ (kOnes * '\\');
    const uint64_t found =
        (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) &
        kHigh;
    if (found != 0) return p + std::countr_zero(found) / 8;
    p += sizeof(word);
  }
}

}  // namespace

// simdjson's own decoder refuses lone surrogates.
bool DecodeJsonString(const char** at, std::string* out) {
  const char* p = *at;
  while (*p != '"') {
    const char* plain = p;
    p = EndOfPlain(p);
    out->append(plain, p);
    if (*p != '\\') continue;
    *at = p;
    const char c = p[1];
    p += 2;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (const size_t i = kNames.find(c); i != std::string_view::npos) {
      out->push_back(kValues[i]);
      continue;
    }
    if (c != 'u') return false;
    int code = HexCode(p);
    if (code < 0) return false;
    p += 4;
    if (code >= 0xd800 && code <= 0xdbff && p[0] == '\\' && p[1] == 'u') {
      const int low = HexCode(p + 2);
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
      }
    }
    AppendUtf8(static_cast<unsigned>(code), out);
  }
  *at = p;
  return true;
}

}  // namespace orrery::registry
