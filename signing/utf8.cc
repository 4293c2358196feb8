#include "signing/utf8.h"

#include <cstddef>

namespace orrery::signing {
namespace {

// By the number of continuation bytes: what the first byte adds to its mark,
// and the least code point that needs so many.
struct Form {
  unsigned char mark;
  unsigned char mask;
  char32_t least;
};
constexpr Form kForms[] = {
    {0x00, 0x80, 0},
    {0xc0, 0xe0, 0x80},
    {0xe0, 0xf0, 0x800},
    {0xf0, 0xf8, 0x10000},
};

// Takes one code point from the front of `text`, which is not empty.
bool Take(absl::string_view& text, char32_t& code_point) {
  const auto first = static_cast<unsigned char>(text[0]);
  size_t count = 0;
  for (const Form& form : kForms) {
    if ((first & form.mask) != form.mark) {
      ++count;
      continue;
    }
    if (text.size() <= count) return false;
    code_point = first & static_cast<unsigned char>(~form.mask);
    for (const char c : text.substr(1, count)) {
      if ((c & 0xc0) != 0x80) return false;
      code_point = code_point << 6 | (c & 0x3f);
    }
    text.remove_prefix(count + 1);
    return code_point >= form.least && code_point <= 0x10ffff &&
           (code_point < 0xd800 || code_point > 0xdfff);
  }
  return false;
}

}  // namespace

bool IsUtf8Of(absl::string_view text,
              absl::FunctionRef<bool(char32_t)> is_allowed) {
  while (!text.empty()) {
    char32_t code_point = 0;
    if (!Take(text, code_point) || !is_allowed(code_point)) return false;
  }
  return true;
}

}  // namespace orrery::signing
