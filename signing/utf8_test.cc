#include "signing/utf8.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::signing {
namespace {

bool IsUtf8(const std::string& text) {
  return IsUtf8Of(text, [](char32_t) { return true; });
}

TEST(Utf8Test, GivesEachCodePoint) {
  std::vector<char32_t> seen;
  EXPECT_TRUE(IsUtf8Of("a\xc2\x80\xe2\x80\x94\xf4\x8f\xbf\xbf",
                       [&](char32_t code_point) {
                         seen.push_back(code_point);
                         return true;
                       }));
  EXPECT_THAT(seen,
              ::testing::ElementsAre(U'a', U'\x80', U'\u2014', U'\U0010ffff'));
}

TEST(Utf8Test, StopsAtWhatIsNotAllowed) {
  EXPECT_FALSE(IsUtf8Of("ab", [](char32_t c) { return c != U'b'; }));
}

TEST(Utf8Test, OnlyShortestFormsOfScalarValuesAreUtf8) {
  for (const char* text :
       {"", "\x7f", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbd", "\xf0\x90\x80\x80"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xbf", "\xc2", "\xc2x", "\xe2\x80", "\xe2\x80x", "\xc0\x80",
        "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe",
        "\xff"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

}  // namespace
}  // namespace orrery::signing
