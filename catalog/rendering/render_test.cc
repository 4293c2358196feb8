#include "catalog/rendering/render.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPackage[] =
    R"({"packagingVersion":"4.0","name":"echo","version":"1.2"})";
constexpr char kConfig[] = R"({"properties":{"service":{"properties":{
  "name":{"type":"string","default":"echo"},
  "mem":{"type":"integer","minimum":256,"default":512},
  "terms":{"type":"boolean"}}}}})";
constexpr char kResource[] = R"({"assets":{"uris":{"tar":"https://x/y.tgz"}}})";
constexpr char kTemplate[] = R"({
  "id": "{{service.name}}",
  "mem": {{service.mem}},
  "uris": ["{{resource.assets.uris.tar}}"],
  "labels": {"DCOS_PACKAGE_NAME": "mine", "OWN": "1"}
})";

ReleaseBytes Release() {
  ReleaseBytes release;
  release.package_json = kPackage;
  release.config_json = kConfig;
  release.resource_json = kResource;
  release.marathon_template = kTemplate;
  release.release = 3;
  return release;
}

RenderRequest Request(absl::string_view options) {
  RenderRequest request;
  request.options = Json(options);
  request.source_url = "https://me:pw@universe.example/r";
  return request;
}

MATCHER_P2(FailsFor, reason, message, "") {
  *result_listener << arg.status();
  return arg.status().code() == absl::StatusCode::kFailedPrecondition &&
         registry::ReasonOf(arg.status()).reason == reason &&
         ::testing::SafeMatcherCast<std::string>(message).Matches(
             std::string(arg.status().message()));
}

TEST(RenderTest, OptionsResourceAndLabelsMeetInTheApp) {
  RenderRequest request = Request(R"({"service":{"mem":1024}})");
  request.labels["ORRERY_SERVICE"] = "echo";
  const auto rendered = RenderApp(Release(), request);
  ASSERT_THAT(rendered, IsOk());
  JsonValue app = rendered->app;
  JsonValue* labels = app.Find("labels");
  EXPECT_NE(labels->FindString("DCOS_PACKAGE_DEFINITION"), "");
  labels->Erase("DCOS_PACKAGE_DEFINITION");
  EXPECT_EQ(WriteJson(app),
            R"({"id":"echo","mem":1024,"uris":["https://x/y.tgz"],)"
            R"("labels":{"DCOS_PACKAGE_NAME":"echo","OWN":"1",)"
            R"("DCOS_PACKAGE_VERSION":"1.2",)"
            R"("DCOS_PACKAGE_SOURCE":"https://universe.example/r",)"
            R"("DCOS_PACKAGE_OPTIONS":"eyJzZXJ2aWNlIjp7Im1lbSI6MTAyNH19",)"
            R"("ORRERY_SERVICE":"echo"}})");
}

TEST(RenderTest, TheRequestedIdIsAbsolute) {
  RenderRequest request = Request("{}");
  request.app_id = "group/echo";
  EXPECT_EQ(RenderApp(Release(), request)->app.FindString("id"), "/group/echo");
  request.app_id = "/echo";
  EXPECT_EQ(RenderApp(Release(), request)->app.FindString("id"), "/echo");
}

TEST(RenderTest, TheResourceWinsOverOptionsOfItsPath) {
  ReleaseBytes release = Release();
  release.config_json = R"({"properties":{}})";
  release.marathon_template =
      R"({"a":"{{resource.assets.uris.tar}}","b":{{resource.extra}}})";
  const auto rendered = RenderApp(
      release,
      Request(R"({"resource":{"assets":{"uris":{"tar":"no"}},"extra":5}})"));
  ASSERT_THAT(rendered, IsOk());
  EXPECT_EQ(rendered->app.FindString("a"), "https://x/y.tgz");
  EXPECT_EQ(rendered->app.Find("b")->text(), "5");
}

TEST(RenderTest, AnAppWithoutLabelsGetsThem) {
  for (const char* text : {"{}", R"({"labels":null})"}) {
    ReleaseBytes release = Release();
    release.marathon_template = text;
    const auto rendered = RenderApp(release, Request("{}"));
    ASSERT_THAT(rendered, IsOk()) << text;
    EXPECT_EQ(rendered->app.Find("labels")->FindString("DCOS_PACKAGE_NAME"),
              "echo");
  }
}

TEST(RenderTest, DuplicateMembersAreReported) {
  ReleaseBytes release = Release();
  release.marathon_template = R"({"mem":1,"mem":2})";
  const auto rendered = RenderApp(release, Request("{}"));
  ASSERT_THAT(rendered, IsOk());
  EXPECT_THAT(rendered->duplicate_members, ElementsAre("/mem"));
  EXPECT_EQ(rendered->app.Find("mem")->text(), "2");
}

TEST(RenderTest, FailuresCarryTheirReason) {
  const struct {
    const char* config;
    const char* text;
    const char* options;
    const char* reason;
    const char* message;
  } kCases[] = {
      {nullptr, kTemplate, R"({"a":1})", kOptionsNotAllowed, "no options"},
      {"{}", kTemplate, R"({"a":1})", kOptionsNotAllowed, "no options"},
      {R"({"type":"x"})", kTemplate, "{}", kConfigSchemaInvalid, "/type"},
      {"{", kTemplate, "{}", kConfigSchemaInvalid, "config.json: line 1"},
      {kConfig, kTemplate, R"({"service":{"mem":1,"terms":"x"}})",
       kOptionsInvalid, "/service/mem: found 1"},
      {kConfig, "{{#a}}", "{}", kTemplateError, "line 1, column 1"},
      {kConfig, "{{service.name", "{}", kTemplateError, "not closed"},
      {kConfig, "[{{service.name}}]", "{}", kRenderedNotJson,
       "{{service.name}}"},
      {kConfig, "[1]", "{}", kRenderedNotObject, "not an object"},
      {kConfig, R"({"labels":[]})", "{}", kRenderedLabelsInvalid,
       "/labels of the rendered app is not an object"},
      {kConfig, R"({"labels":{"a/b":{{service.mem}}}})", "{}",
       kRenderedLabelsInvalid, "/labels/a~1b"},
  };
  for (const auto& c : kCases) {
    ReleaseBytes release = Release();
    release.config_json.reset();
    if (c.config != nullptr) release.config_json = c.config;
    release.marathon_template = c.text;
    EXPECT_THAT(RenderApp(release, Request(c.options)),
                FailsFor(c.reason, HasSubstr(c.message)))
        << c.text;
  }
}

TEST(RenderTest, EveryFaultOfTheOptionsIsALine) {
  EXPECT_THAT(
      RenderApp(Release(), Request(R"({"service":{"mem":1,"terms":"x"}})")),
      FailsFor(kOptionsInvalid, AllOf(HasSubstr("\n/service/mem: "),
                                      HasSubstr("\n/service/terms: "))));
}

TEST(RenderTest, AReleaseWithoutTemplateHasNoApp) {
  ReleaseBytes release = Release();
  release.marathon_template.reset();
  EXPECT_THAT(RenderApp(release, Request("{}")),
              FailsFor(kTemplateMissing, HasSubstr("nothing to run")));
}

TEST(RenderTest, CheckedOptionsShowDefaultsAndFaults) {
  const auto checked =
      CheckOptions(kConfig, Json(R"({"service":{"mem":100}})"));
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(WriteJson(checked->effective),
            R"({"service":{"name":"echo","mem":100}})");
  ASSERT_EQ(checked->faults.size(), 1u);
  EXPECT_EQ(checked->faults[0].keyword, "minimum");
  EXPECT_THAT(CheckOptions(std::nullopt, JsonValue::Object()), IsOk());
}

TEST(RenderTest, TheSameInputGivesTheSameBytes) {
  const RenderRequest request = Request(R"({"service":{"mem":300}})");
  const std::string first = WriteJson(RenderApp(Release(), request)->app);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(WriteJson(RenderApp(Release(), request)->app), first);
  }
}

}  // namespace
}  // namespace orrery::catalog
