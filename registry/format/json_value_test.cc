#include "registry/format/json_value.h"

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

JsonValue Parse(absl::string_view text) { return ParseJson(text)->root; }

TEST(JsonValueTest, WritesNumbersAsTheyWereRead) {
  const absl::string_view text =
      R"({"a":1.0,"b":1e3,"c":18446744073709551616,"d":-0.0,"e":0.90})";
  EXPECT_EQ(WriteJson(Parse(text)), text);
}

TEST(JsonValueTest, SetReplacesInPlaceAndAppendsNewMembers) {
  JsonValue object = Parse(R"({"a":1,"b":2})");
  object.Set("a", JsonValue::String("x"));
  object.Set("c", JsonValue());
  EXPECT_EQ(WriteJson(object), R"({"a":"x","b":2,"c":null})");
}

TEST(JsonValueTest, EraseSaysWhetherTheMemberWasThere) {
  JsonValue object = Parse(R"({"a":1,"b":2})");
  EXPECT_TRUE(object.Erase("a"));
  EXPECT_FALSE(object.Erase("a"));
  EXPECT_EQ(WriteJson(object), R"({"b":2})");
}

TEST(JsonValueTest, IntegralSpellingsAreIntegers) {
  EXPECT_EQ(Parse("3").AsInteger(), 3);
  EXPECT_EQ(Parse("3.0").AsInteger(), 3);
  EXPECT_EQ(Parse("3e2").AsInteger(), 300);
  EXPECT_EQ(Parse("-9223372036854775808").AsInteger(), INT64_MIN);
  EXPECT_EQ(Parse("3.5").AsInteger(), std::nullopt);
  EXPECT_EQ(Parse("9223372036854775808").AsInteger(), std::nullopt);
  EXPECT_EQ(Parse("\"3\"").AsInteger(), std::nullopt);
}

TEST(JsonValueTest, StringsEscapeOnlyWhatJsonDemands) {
  EXPECT_EQ(JsonString("a\"b\\c/\n\x01\xc3\xa9"),
            "\"a\\\"b\\\\c/\\n\\u0001\xc3\xa9\"");
}

TEST(JsonValueTest, IndentsByTwoAndKeepsEmptyContainersShort) {
  EXPECT_EQ(
      WriteJsonIndented(Parse(R"({"a":[1,2],"b":{},"c":[]})")),
      "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}\n");
}

TEST(JsonValueTest, EqualityIgnoresMemberOrderButNotNumberText) {
  EXPECT_EQ(Parse(R"({"a":1,"b":2})"), Parse(R"({"b":2,"a":1})"));
  EXPECT_FALSE(Parse("1.0") == Parse("1"));
}

TEST(JsonValueTest, PointerReachesEscapedNamesAndIndexes) {
  const JsonValue root = Parse(R"({"a/b":{"~c":[10,20]}})");
  ASSERT_NE(AtPointer(root, "/a~1b/~0c/1"), nullptr);
  EXPECT_EQ(AtPointer(root, "/a~1b/~0c/1")->text(), "20");
  EXPECT_EQ(AtPointer(root, "/a~1b/~0c/2"), nullptr);
  EXPECT_EQ(AtPointer(root, "/missing/x"), nullptr);
  EXPECT_EQ(AtPointer(root, ""), &root);
}

}  // namespace
}  // namespace orrery::registry
