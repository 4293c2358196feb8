#include "catalog/operation/late_value.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

std::string Filled(const LateOption& late,
                   const std::vector<std::string>& texts,
                   const std::string& json) {
  auto document = registry::ParseJson(json);
  FillPlaceholder(late, texts, &document->root);
  return registry::WriteJson(document->root);
}

TEST(FillPlaceholderTest, TextIsPutIntoTextsWhateverIsInIt) {
  LateOption late;
  late.placeholder = "late-1";
  EXPECT_EQ(Filled(late, {"a\"b"},
                   R"({"cmd":"run late-1 late-1","x":["late-1"],"n":1})"),
            R"({"cmd":"run a\"b a\"b","x":["a\"b"],"n":1})");
}

TEST(FillPlaceholderTest, NumberStaysANumberAndIsTextInTexts) {
  LateOption late;
  late.placeholder = "7123";
  EXPECT_EQ(Filled(late, {"8080"}, R"({"port":7123,"other":71234,
                                       "url":"http://h:7123/"})"),
            R"({"port":8080,"other":71234,"url":"http://h:8080/"})");
}

TEST(FillPlaceholderTest, ListGivesElementsOrOneJoinedText) {
  LateOption late;
  late.placeholder = "late-1";
  late.is_list = true;
  late.join = "+";
  EXPECT_EQ(Filled(late, {"a:1", "b:2"},
                   R"({"nodes":["x","late-1"],"cmd":"to late-1"})"),
            R"({"nodes":["x","a:1","b:2"],"cmd":"to a:1+b:2"})");
}

TEST(CheckLateValueTest, SchemaOfTheOptionIsHeldAgainstTheValue) {
  LateOption late;
  late.option = "/db/port";
  late.provider = "db";
  late.output = "port";
  late.schema = R"({"maximum":1024})";
  const auto options = registry::ParseJson(R"({"db":{"port":31000}})");
  EXPECT_THAT(CheckLateValue(late, options->root),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "output port of db is 31000, and option /db/port wants "
                       "at most 1024; give the option yourself"));
  late.schema = R"({"maximum":65535})";
  EXPECT_THAT(CheckLateValue(late, options->root), IsOk());
  late.schema = "";
  EXPECT_THAT(CheckLateValue(late, options->root), IsOk());
}

}  // namespace
}  // namespace orrery::catalog
