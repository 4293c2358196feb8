#include "cli-plugin/text/printable.h"

#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

TEST(PrintableTest, EscapeSequencesLoseTheirEscape) {
  EXPECT_EQ(Printable("\x1b[31mred\x07"), "[31mred");
}

TEST(PrintableTest, C1ControlsGo) {
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "b"),
            "ab");
}

TEST(PrintableTest, TabNewlineAndUmlautsStay) {
  EXPECT_EQ(Printable("a\tb\n\xC3\xA4"), "a\tb\n\xC3\xA4");
}

TEST(PrintableTest, BrokenUtf8IsReplaced) {
  EXPECT_EQ(Printable("a\xFF"
                      "b\xC3"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(OneLineTest, RunsOfWhiteSpaceAreOneSpace) {
  EXPECT_EQ(OneLine(" a \n\n b\t"), "a b");
  EXPECT_EQ(OneLine("a\nb\tc"), "a b c");
}

TEST(ShortenedTest, CutsByCharacters) {
  EXPECT_EQ(Shortened("\xC3\xA4\xC3\xB6\xC3\xBC", 2), "\xC3\xA4\xE2\x80\xA6");
  EXPECT_EQ(Shortened("abc", 3), "abc");
}

TEST(WrappedTest, BreaksAtSpacesAndKeepsParagraphs) {
  EXPECT_EQ(Wrapped("one two three\n\nfour", 9, "  "),
            "  one two\n  three\n\n  four\n");
}

TEST(WrappedTest, LongWordStaysWhole) {
  EXPECT_EQ(Wrapped("a abcdefghij b", 5, ""), "a\nabcdefghij\nb\n");
}

}  // namespace
}  // namespace orrery::cli
