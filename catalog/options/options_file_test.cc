#include "catalog/options/options_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(OptionsFileTest, ObjectsAreReadAsWritten) {
  const struct {
    const char* rule;
    std::string text;
    const char* json;
  } kCases[] = {
      {"plain", R"({"a":{"b":1.50}})", R"({"a":{"b":1.50}})"},
      {"empty object", " {} \n", "{}"},
      {"byte-order mark", "\xef\xbb\xbf{\"a\":1}", R"({"a":1})"},
      {"CRLF", "{\r\n  \"a\": 1\r\n}\r\n", R"({"a":1})"},
      {"null stays", R"({"a":null})", R"({"a":null})"},
      {"slashes inside strings", R"({"a":"http://x # y"})",
       R"({"a":"http://x # y"})"},
  };
  for (const auto& c : kCases) {
    const auto options = ParseOptionsFile(c.text);
    ASSERT_THAT(options, IsOk()) << c.rule;
    EXPECT_EQ(WriteJson(*options), c.json) << c.rule;
  }
}

TEST(OptionsFileTest, FaultsAreNamedWithTheirPlace) {
  const struct {
    const char* rule;
    std::string text;
    std::string place;
    std::string reason;
  } kCases[] = {
      {"member twice", "{\"s\":{\n\"mem\":1,\n\"mem\":2}}", "/s/mem",
       "on line 2 and on line 3"},
      {"trailing comma", "{\n \"a\": 1,\n}", "line 2, column 8", "comma"},
      {"trailing comma in a list", "{\"a\":[1,]}", "line 1, column 8", "comma"},
      {"line comment", "{\n  // why\n  \"a\": 1}", "line 2, column 3",
       "no comments"},
      {"hash comment", "{\"a\": 1 # one\n}", "line 1, column 9", "no comments"},
      {"YAML", "service:\n  mem: 512\n", "line 1, column 1", "YAML"},
      {"YAML after a comment", "# mine\nservice:\n  mem: 1\n",
       "line 1, column 1", "YAML"},
      {"YAML document start", "---\n- a\n", "line 1, column 1", "YAML"},
      {"two documents", "{\"a\":1}\n{\"b\":2}", "line 2, column 1",
       "second value"},
      {"array", "\n[1]", "line 2, column 1", "one JSON object"},
      {"string", "\"x\"", "line 1, column 1", "one JSON object"},
      {"UTF-16 with mark", std::string("\xff\xfe{\0}\0", 6), "line 1, column 1",
       "UTF-16"},
      {"UTF-16 without mark", std::string("{\0}\0", 4), "line 1, column 1",
       "UTF-16"},
      {"truncated", "{\"a\":", "line 1", ""},
      {"not UTF-8", "{\"a\":\"\xff\"}", "line 1, column 7", "UTF-8"},
      {"empty", "", "empty", "at least {}"},
      {"blank", " \r\n\t", "empty", "at least {}"},
      {"only a mark", "\xef\xbb\xbf", "empty", "at least {}"},
      {"place after a mark", "\xef\xbb\xbf{\n1}", "line 2, column 1", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseOptionsFile(c.text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(c.place), HasSubstr(c.reason))))
        << c.rule;
  }
}

TEST(OptionsFileTest, LimitsAreNamed) {
  const auto exhausted = absl::StatusCode::kResourceExhausted;
  EXPECT_THAT(
      ParseOptionsFile(std::string(kMaxOptionsBytes + 1, ' ')),
      StatusIs(exhausted, AllOf(HasSubstr("1048577"), HasSubstr("1 MiB"))));
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "{\"a\":";
  EXPECT_THAT(ParseOptionsFile(deep + "1" + std::string(65, '}')),
              StatusIs(exhausted, HasSubstr("deeper than 64")));
  std::string many = "{\"a\":[";
  for (int i = 0; i < 5001; ++i) {
    absl::StrAppend(&many, i == 0 ? "" : ",", "{\"x\":1,\"y\":2}");
  }
  EXPECT_THAT(ParseOptionsFile(many + "]}"),
              StatusIs(exhausted, HasSubstr("10003 options")));
}

}  // namespace
}  // namespace orrery::catalog
