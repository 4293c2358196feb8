#include "registry/format/json_parse.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;

struct Reject {
  const char* name;
  std::string text;
  int line;
  int column;
};

class JsonParseRejectTest : public ::testing::TestWithParam<Reject> {};

TEST_P(JsonParseRejectTest, SaysLineAndColumn) {
  const auto result = ParseJson(GetParam().text);
  ASSERT_FALSE(result.ok());
  const auto place = FaultPlace(result.status());
  ASSERT_TRUE(place.has_value()) << result.status();
  EXPECT_EQ(place->line, GetParam().line) << result.status();
  EXPECT_EQ(place->column, GetParam().column) << result.status();
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonParseRejectTest,
    ::testing::Values(Reject{"Empty", "", 1, 1}, Reject{"Blank", " \n ", 1, 1},
                      Reject{"TrailingComma", "{\"a\": 1,\n}", 2, 1},
                      Reject{"TrailingCommaInArray", "[1,\n 2,]", 2, 4},
                      Reject{"MissingComma", "{\"a\":1\n\"b\":2}", 2, 1},
                      Reject{"Comment", "{\n// x\n\"a\":1}", 2, 1},
                      Reject{"SecondValue", "{}\n{}", 2, 1},
                      Reject{"UnclosedString", "{\"a\":\n \"b}", 2, 2},
                      Reject{"ControlCharacter", "{\"a\":\"x\ny\"}", 1, 8},
                      Reject{"BadUtf8", "{\"a\":\"\xff\"}", 1, 7},
                      Reject{"Utf16", std::string("\xff\xfe{\0}\0", 6), 1, 1},
                      Reject{"BadEscape", "{\"a\":\"\\x\"}", 1, 7},
                      Reject{"LeadingZero", "{\"a\":01}", 1, 6},
                      Reject{"PlusSign", "{\"a\":+1}", 1, 6},
                      Reject{"NotANumber", "{\"a\":NaN}", 1, 6},
                      Reject{"BareWord", "{\"a\":yes}", 1, 6},
                      Reject{"SingleQuotes", "{'a':1}", 1, 2},
                      Reject{"NulByte", std::string("{\"a\":\"x\0y\"}", 11), 1,
                             8}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(JsonParseTest, TruncatedTextIsRefused) {
  for (const char* text :
       {"{", "[", "{\"a\"", "{\"a\":", "{\"a\":[1,", "[[1]"}) {
    EXPECT_THAT(ParseJson(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(JsonParseTest, TruncatedTextIsReportedAtItsEnd) {
  const auto result = ParseJson("{\"a\":\n[1,\n2,\n\n");
  ASSERT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("ends too early")));
  EXPECT_EQ(FaultPlace(result.status())->line, 3);
  const auto garbage = ParseJson("{\"a\":\"}\"}\nx");
  ASSERT_THAT(garbage, StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr("second value")));
  EXPECT_EQ(FaultPlace(garbage.status())->line, 2);
}

TEST(JsonParseTest, OnlyAThousandDuplicatesAreReported) {
  std::string text = "{\"a\":0";
  for (int i = 0; i < 5000; ++i) text += ",\"a\":1";
  const auto result = ParseJson(text + "}");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->duplicates.size(), 1000u);
  EXPECT_EQ(WriteJson(result->root), R"({"a":1})");
}

TEST(JsonParseTest, PointerOfADuplicateStaysShort) {
  const std::string name(5000, 'x');
  const auto result = ParseJson("{\"b\":{\"" + name + "\":{\"a\":0,\"a\":1}}}");
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->duplicates.size(), 1u);
  EXPECT_EQ(result->duplicates[0].pointer, "/b");
}

TEST(JsonParseTest, OnlyFourCharactersAreWhiteSpace) {
  EXPECT_THAT(ParseJson(" \t\r\n[1 \t\r\n] "), IsOk());
  for (const char* text :
       {"\v", "\f", "\v[]", "[]\v", "[1\f]", "[\v]", "1\v"}) {
    EXPECT_THAT(ParseJson(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(JsonParseTest, RootMayBeAnyValue) {
  for (const char* text : {"1.50", "\"x\"", "true", "null", " [1] ", "{}"}) {
    ASSERT_THAT(ParseJson(text), IsOk()) << text;
  }
  EXPECT_EQ(ParseJson("1.50")->root.text(), "1.50");
}

TEST(JsonParseTest, LoneSurrogateIsKeptAndEscapedAgain) {
  const auto result = ParseJson(R"(["\ud800","\ud83d\ude00"])");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(WriteJson(result->root), "[\"\\ud800\",\"\xf0\x9f\x98\x80\"]");
}

TEST(JsonParseTest, LastOfTwoEqualKeysCountsAndBothLinesAreReported) {
  const auto result = ParseJson("{\"x\":{\n\"a\":1,\n\"b\":2,\n\"a\":3}}");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(WriteJson(result->root), R"({"x":{"a":3,"b":2}})");
  ASSERT_EQ(result->duplicates.size(), 1u);
  EXPECT_EQ(result->duplicates[0].pointer, "/x/a");
  EXPECT_EQ(result->duplicates[0].first_line, 2);
  EXPECT_EQ(result->duplicates[0].second_line, 4);
}

TEST(JsonParseTest, DuplicateIsFoundInALongObject) {
  std::string text = "{";
  for (int i = 0; i < 50; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text += "\"k7\":1}";
  const auto result = ParseJson(text);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->root.members().size(), 50u);
  ASSERT_EQ(result->duplicates.size(), 1u);
  EXPECT_EQ(result->duplicates[0].pointer, "/k7");
}

TEST(JsonParseTest, DepthPastTheLimitIsRefusedWithoutRecursion) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_THAT(ParseJson(deep), StatusIs(absl::StatusCode::kResourceExhausted,
                                        HasSubstr("nested deeper than 64")));
  EXPECT_THAT(ParseJson(std::string(64, '[') + std::string(64, ']')), IsOk());
  EXPECT_FALSE(ParseJson(std::string(65, '[') + std::string(65, ']')).ok());
}

TEST(JsonParseTest, NumberOfFiveThousandDigitsIsRefused) {
  EXPECT_THAT(ParseJson(std::string(5000, '9')),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("5000 characters")));
}

TEST(JsonParseTest, TextPastTheLimitIsRefused) {
  JsonLimits limits;
  limits.max_bytes = 10;
  EXPECT_THAT(ParseJson("[1,2,3,4,5]", limits),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("11 bytes; the limit is 10")));
}

TEST(JsonParseTest, ByteOrderMarkIsSkippedAndReported) {
  const auto result = ParseJson("\xef\xbb\xbf{\"a\":1}");
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->had_bom);
  EXPECT_EQ(WriteJson(result->root), R"({"a":1})");
}

}  // namespace
}  // namespace orrery::registry
