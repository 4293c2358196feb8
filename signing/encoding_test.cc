#include "signing/encoding.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

const auto kRefused = StatusIs(absl::StatusCode::kInvalidArgument);

// RFC 4648 §10 and the edges of the alphabet.
TEST(Base64Test, CanonicalTextIsDecoded) {
  using Case = std::pair<std::string, std::string>;
  for (const auto& [text, bytes] : std::vector<Case>{
           {"", ""},
           {"Zg==", "f"},
           {"Zm8=", "fo"},
           {"Zm9v", "foo"},
           {"Zm9vYg==", "foob"},
           {"Zm9vYmE=", "fooba"},
           {"Zm9vYmFy", "foobar"},
           {"AAAA", std::string(3, '\0')},
           {"+/+/", "\xfb\xff\xbf"},
           {"/w==", "\xff"},
       }) {
    EXPECT_THAT(DecodeBase64(text), IsOkAndHolds(bytes)) << text;
    EXPECT_EQ(absl::Base64Escape(bytes), text);
  }
}

TEST(Base64Test, AnyOtherTextIsRefused) {
  for (const char* text : {
           "Z",        "Zg",
           "Zg=",      "Zm9",
           "Zm9vY",    "Zm9vYg",  // padding missing
           "=",        "==",
           "===",      "====",
           "Z===",     "Zg==Zg==",
           "Zm8=Zg==", "Zm=8",
           "Zg===",    "Zm9v====",  // padding misplaced
           "Zh==",     "Zi==",
           "Z/==",     "Zm9=",
           "Zm+=",  // loose bits
           "Zm9v\n",   "Zm9 v",
           " Zm9v",    "Zm\n9",
           "Zg==\n",   "Zm9v   ",
           "Zm-_",     "Zm9!",
           "Zm9\x80",  "\xef\xbb\xbfZm9v",
       }) {
    EXPECT_THAT(DecodeBase64(text), kRefused) << text;
  }
  EXPECT_THAT(DecodeBase64(absl::string_view("Zm\0v", 4)), kRefused);
}

TEST(DecimalTest, CanonicalNumbersUpToTheBoundAreRead) {
  EXPECT_THAT(ParseDecimal("0"), IsOkAndHolds(0));
  EXPECT_THAT(ParseDecimal("10"), IsOkAndHolds(10));
  EXPECT_THAT(ParseDecimal("9223372036854775807"), IsOkAndHolds(kMaxDecimal));
  EXPECT_THAT(ParseDecimal("255", 255), IsOkAndHolds(255));
  EXPECT_THAT(ParseDecimal("0", 0), IsOkAndHolds(0));
  EXPECT_THAT(ParseDecimal("18446744073709551615", ~uint64_t{0}),
              IsOkAndHolds(~uint64_t{0}));
}

TEST(DecimalTest, AnyOtherNumberIsRefused) {
  for (const char* text :
       {"", "00", "01", "-1", "+1", " 1", "1 ", "1\n", "0x1", "1e3", "1.0",
        "9223372036854775808", "18446744073709551616",
        "99999999999999999999999999999999", "\xd9\xa1"}) {
    EXPECT_THAT(ParseDecimal(text), kRefused) << text;
  }
  EXPECT_THAT(ParseDecimal("256", 255), kRefused);
  EXPECT_THAT(ParseDecimal("1", 0), kRefused);
  EXPECT_THAT(ParseDecimal("18446744073709551616", ~uint64_t{0}), kRefused);
}

TEST(PrintableAsciiTest, SpaceToTildeAndNothingElse) {
  EXPECT_TRUE(IsPrintableAscii(""));
  EXPECT_TRUE(IsPrintableAscii(" aZ09~"));
  for (const std::string& text :
       {std::string("\t"), std::string("\r"), std::string("\n"),
        std::string("\x7f"), std::string("\x80"), std::string("a\0", 2)}) {
    EXPECT_FALSE(IsPrintableAscii(text));
  }
}

TEST(LineReaderTest, GivesEachLineWithItsNumber) {
  LineReader reader("a\n\nb c\n");
  EXPECT_THAT(reader.Next(), IsOkAndHolds("a"));
  EXPECT_THAT(reader.Next(), IsOkAndHolds(""));
  EXPECT_EQ(reader.rest(), "b c\n");
  EXPECT_THAT(reader.Next(), IsOkAndHolds("b c"));
  EXPECT_EQ(reader.line(), 3);
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_TRUE(LineReader("").AtEnd());
}

TEST(LineReaderTest, ALineBeginsAsItIsWanted) {
  LineReader reader("size 8\nroot\n");
  EXPECT_THAT(reader.NextAfter("size "), IsOkAndHolds("8"));
  EXPECT_THAT(reader.NextAfter("root "), kRefused);
  EXPECT_THAT(reader.NextAfter(""), kRefused);
}

TEST(LineReaderTest, ALineWithoutLfOrTooLongIsRefused) {
  EXPECT_THAT(LineReader("").Next(), kRefused);
  EXPECT_THAT(LineReader("a").Next(), kRefused);
  EXPECT_THAT(LineReader("abc\n", 3).Next(), IsOkAndHolds("abc"));
  EXPECT_THAT(LineReader("abcd\n", 3).Next(), kRefused);
}

}  // namespace
}  // namespace orrery::signing
