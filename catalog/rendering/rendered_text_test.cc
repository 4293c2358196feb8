#include "catalog/rendering/rendered_text.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<registry::JsonDocument> Parse(absl::string_view text,
                                             absl::string_view context) {
  const auto source = Template::Parse(text);
  EXPECT_THAT(source, IsOk());
  const JsonValue values = Json(context);
  const JsonValue config =
      Json(R"({"properties":{"pin":{"format":"password"}}})");
  return ParseRenderedText(*source->Render(values), *source, values, &config);
}

TEST(RenderedTextTest, TheLastOfTwoMembersCounts) {
  const auto document = Parse(R"({"a":1,"a":{{v}}})", R"({"v":2})");
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(WriteJson(document->root), R"({"a":2})");
  ASSERT_EQ(document->duplicates.size(), 1u);
  EXPECT_EQ(document->duplicates[0].pointer, "/a");
}

TEST(RenderedTextTest, OnlyStrictJsonIsTaken) {
  for (const char* text :
       {"{\"a\":1,}", "{\"a\":01}", "{'a':1}", "{\"a\":1} x", "// c\n{}",
        "{\"a\":NaN}", "{\"a\":\"\t\"}", "", "{"}) {
    EXPECT_THAT(
        Parse(text, "{}"),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not JSON")))
        << text;
  }
}

TEST(RenderedTextTest, FaultsNameTheTagThatPrintedThem) {
  EXPECT_THAT(
      Parse("{\n  \"roles\": [\n    \"*\", {{r}}\n  ]\n}",
            R"({"r":"slave_public"})"),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("line 3, column 10"),
                     HasSubstr("line 3 of marathon.json.mustache, {{r}}"),
                     HasSubstr("slave_public"))));
  EXPECT_THAT(Parse("{\n\"a\": 1\n\"b\": 2}", "{}"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("line 3 of marathon.json.mustache")));
}

TEST(RenderedTextTest, FaultsKnowTheLineOfTheTemplate) {
  const auto document =
      Parse("{\n{{#none}}\n\"a\": 1,\n{{/none}}\n\"b\": {{none}}\n}", "{}");
  EXPECT_THAT(document, StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("not JSON: line 3, column 1")));
  EXPECT_EQ(TemplateLineOf(document.status()), 6);
  EXPECT_EQ(TemplateLineOf(absl::OkStatus()), std::nullopt);
}

TEST(RenderedTextTest, LongTagIsCutShort) {
  const std::string name(200, 'x');
  EXPECT_THAT(Parse("{\"a\": {{" + name + "}}}", "{\"" + name + "\": \"v\"}"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("{{" + name.substr(0, 60) + "...}}")));
}

TEST(RenderedTextTest, SecretsAreMasked) {
  EXPECT_THAT(Parse(R"({"env":{"P":"{{password}}","N":{{pin}}}})",
                    R"({"password":"hunter2","pin":"s3cr\"et"})"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("s3cr")),
                             HasSubstr("*******"), HasSubstr("{{pin}}"))));
}

}  // namespace
}  // namespace orrery::catalog
