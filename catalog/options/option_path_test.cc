#include "catalog/options/option_path.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kConfig[] = R"({"properties":{"service":{"properties":{
  "name":{"type":"string"}, "mem":{"type":"integer"},
  "cpus":{"type":"number"}, "debug":{"type":"boolean"},
  "zones":{"type":"array"}, "extra":{"type":"object"},
  "limit":{"type":["integer","null"]}, "port":{"type":["integer","string"]},
  "mode":{"enum":["on","off"]}, "a.b":{"type":"string"}}}}})";

TEST(OptionPathTest, DottedAndPointerFormsNameTheSame) {
  EXPECT_THAT(*ParseOptionPath("service.mem"), ElementsAre("service", "mem"));
  EXPECT_THAT(*ParseOptionPath("/service/mem"), ElementsAre("service", "mem"));
  EXPECT_THAT(*ParseOptionPath(R"(a\.b.c\\d)"), ElementsAre("a.b", R"(c\d)"));
  EXPECT_THAT(*ParseOptionPath("/a.b/c~1d~0"), ElementsAre("a.b", "c/d~"));
}

TEST(OptionPathTest, EmptyNamesAreRefused) {
  for (const char* text : {"", ".", "a..b", "a.", ".a", "/", "/a//b", "a\\"}) {
    EXPECT_THAT(ParseOptionPath(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(OptionPathTest, PointersAreWrittenAsPathsWherePathsAreClear) {
  EXPECT_EQ(PathOfPointer("/service/mem"), "service.mem");
  EXPECT_EQ(PathOfPointer("/service/a.b"), "/service/a.b");
  EXPECT_EQ(PathOfPointer("/a~1b"), "/a~1b");
}

TEST(OptionPathTest, AssignmentSplitsAtTheFirstEqualsSign) {
  const auto assignment = ParseAssignment("a.b=c=d");
  ASSERT_THAT(assignment, IsOk());
  EXPECT_EQ(assignment->path, "a.b");
  EXPECT_EQ(assignment->value, "c=d");
  EXPECT_EQ(ParseAssignment(R"(a\=b=)")->path, R"(a\=b)");
  EXPECT_EQ(ParseAssignment("a=")->value, "");
  EXPECT_THAT(
      ParseAssignment("a.b"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("PATH=VALUE")));
}

TEST(OptionPathTest, ValuesAreReadByTheDeclaredType) {
  const JsonValue config = Json(kConfig);
  const struct {
    const char* path;
    const char* value;
    const char* json;
    const char* type;
    bool declared;
  } kCases[] = {
      {"service.name", "1.10", R"("1.10")", "string", true},
      {"service.name", "007", R"("007")", "string", true},
      {"service.name", "true", R"("true")", "string", true},
      {"service.name", "", R"("")", "string", true},
      {"service.name", "\"x\"", R"("\"x\"")", "string", true},
      {"service.mem", "512", "512", "integer", true},
      {"service.mem", "512.50", "512.50", "number", true},
      {"service.mem", "\"512\"", R"("512")", "string", true},
      {"service.cpus", "0.10", "0.10", "number", true},
      {"service.debug", "false", "false", "boolean", true},
      {"service.zones", R"(["a", 1])", R"(["a",1])", "array", true},
      {"service.extra", "{}", "{}", "object", true},
      {"service.limit", "null", "null", "null", true},
      {"service.port", "80", "80", "integer", true},
      {"service.port", "http", R"("http")", "string", true},
      {"service.port", "true", R"("true")", "string", true},
      {"service.mode", "on", R"("on")", "string", true},
      {R"(service.a\.b)", "1", R"("1")", "string", true},
      {"/service/a.b", "1", R"("1")", "string", true},
      {"other", "12", "12", "integer", false},
      {"other", "1e2", "1e2", "number", false},
      {"other", "[1]", "[1]", "array", false},
      {"other", "null", "null", "null", false},
      {"other", "plain text", R"("plain text")", "string", false},
  };
  for (const auto& c : kCases) {
    JsonValue options = JsonValue::Object();
    const auto result = SetOption(&options, config, c.path, c.value);
    ASSERT_THAT(result, IsOk()) << c.path << "=" << c.value;
    EXPECT_EQ(WriteJson(result->value), c.json) << c.path << "=" << c.value;
    EXPECT_EQ(result->type, c.type) << c.path << "=" << c.value;
    EXPECT_EQ(result->declared, c.declared) << c.path << "=" << c.value;
    const JsonValue* set = AtPointer(options, result->pointer);
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(WriteJson(*set), c.json);
  }
}

TEST(OptionPathTest, TextThatIsNoJsonIsRefusedForOtherTypes) {
  const JsonValue config = Json(kConfig);
  for (const char* path : {"service.mem", "service.cpus", "service.debug",
                           "service.zones", "service.extra", "service.limit"}) {
    JsonValue options = JsonValue::Object();
    EXPECT_THAT(
        SetOption(&options, config, path, "a,b"),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 ::testing::AllOf(HasSubstr(path), HasSubstr("is no JSON"))))
        << path;
    EXPECT_EQ(WriteJson(options), "{}");
  }
}

TEST(OptionPathTest, BytesThatAreNoUtf8AreRefused) {
  JsonValue options = JsonValue::Object();
  for (const auto& [path, value] :
       {std::pair("a\xff", "1"), std::pair("service.name", "\xff")}) {
    EXPECT_THAT(
        SetOption(&options, Json(kConfig), path, value),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not UTF-8")));
  }
  EXPECT_EQ(WriteJson(options), "{}");
}

TEST(OptionPathTest, SettingBelowAValueIsRefusedAndChangesNothing) {
  JsonValue options = Json(R"({"service":{"name":"x"}})");
  EXPECT_THAT(SetOption(&options, Json(kConfig), "service.name.first", "y"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("/service/name is given as string")));
  EXPECT_EQ(WriteJson(options), R"({"service":{"name":"x"}})");
}

TEST(OptionPathTest, UnsetRemovesTheOptionAndGroupsThatBecomeEmpty) {
  JsonValue options = Json(R"({"a":{"b":{"c":1}},"d":{"e":1,"f":2}})");
  EXPECT_THAT(UnsetOption(&options, "a.b.c"), IsOkAndHolds(true));
  EXPECT_THAT(UnsetOption(&options, "/d/e"), IsOkAndHolds(true));
  EXPECT_THAT(UnsetOption(&options, "d.none"), IsOkAndHolds(false));
  EXPECT_THAT(UnsetOption(&options, "d.f.g"), IsOkAndHolds(false));
  EXPECT_EQ(WriteJson(options), R"({"d":{"f":2}})");
}

}  // namespace
}  // namespace orrery::catalog
