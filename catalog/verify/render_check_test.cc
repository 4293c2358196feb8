#include "catalog/verify/render_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using registry::Finding;
using registry::Profile;
using registry::Severity;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The files of a release, to be broken.
struct Files {
  std::string package =
      R"({"packagingVersion": "4.0", "name": "echod", "version": "1"})";
  std::string config = R"({
  "type": "object",
  "properties": {
    "name": {"type": "string", "default": "echod"},
    "memory-mb": {"type": "integer", "minimum": 96,
                  "default": 256}
  },
  "required": ["name", "memory-mb"]
})";
  std::string resource = R"({"assets": {"uris": {"archive": "https://x/a"}}})";
  std::string marathon = R"({
  "id": "{{name}}",
  "mem": {{memory-mb}},
  "cmd": "exec echod",
  "fetch": [{"uri": "{{resource.assets.uris.archive}}"}]
})";

  RenderCheck CheckWith(absl::string_view options,
                        Profile profile = Profile::kPublish) const {
    ReleaseBytes bytes;
    bytes.package_json = package;
    bytes.config_json = config;
    bytes.resource_json = resource;
    bytes.marathon_template = marathon;
    return CheckRendering("repo/packages/E/echod/0", bytes,
                          registry::ParseJson(options)->root, profile);
  }
  std::vector<Finding> Check(Profile profile = Profile::kPublish) const {
    return CheckWith("{}", profile).findings;
  }
};

// "file:line /pointer severity rule" of each finding.
std::vector<std::string> Places(const std::vector<Finding>& findings) {
  std::vector<std::string> places;
  for (const Finding& finding : findings) {
    const char* severity = finding.severity == Severity::kError  ? "error"
                           : finding.severity == Severity::kWarn ? "warn"
                                                                 : "info";
    places.push_back(absl::StrCat(
        finding.path.substr(finding.path.rfind('/') + 1), ":",
        finding.line.value_or(0), " ", finding.pointer.value_or("-"), " ",
        severity, " ", finding.rule));
  }
  return places;
}

TEST(RenderCheckTest, GoodReleaseHasNoFindings) {
  EXPECT_THAT(Files().Check(), IsEmpty());
}

struct Break {
  const char* name;
  std::string Files::*file;
  const char* good;
  const char* bad;
  // Of Places.
  const char* place;
  // Of the first finding.
  const char* text;
};

class BrokenReleaseTest : public ::testing::TestWithParam<Break> {};

TEST_P(BrokenReleaseTest, IsToldWithItsPlace) {
  const Break& broken = GetParam();
  Files files;
  std::string& text = files.*broken.file;
  ASSERT_EQ(absl::StrReplaceAll({{broken.good, broken.bad}}, &text), 1);
  const std::vector<Finding> findings = files.Check();
  ASSERT_THAT(Places(findings), ElementsAre(broken.place));
  EXPECT_THAT(findings[0].text, HasSubstr(broken.text));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenReleaseTest,
    ::testing::Values(
        Break{"MissingQuote", &Files::marathon, R"("{{name}}")", R"("{{name}})",
              "marathon.json.mustache:2 - error render-fails",
              "it comes from line 2 of marathon.json.mustache"},
        Break{"MissingComma", &Files::marathon, "echod\",", "echod\"",
              "marathon.json.mustache:5 - error render-fails",
              "a comma or a closing bracket belongs here"},
        Break{"SectionNotClosed", &Files::marathon, "\"cmd\"",
              "{{#name}}\"cmd\"",
              "marathon.json.mustache:4 - error render-fails",
              "section {{#name}} is not closed"},
        Break{"TagNotClosed", &Files::marathon, "archive}}\"}]", "archive\"}]",
              "marathon.json.mustache:5 - error render-fails",
              "tag is not closed"},
        Break{"NoObject", &Files::marathon, "{\n  \"id\"", "1 {\n  \"id\"",
              "marathon.json.mustache:1 - error render-fails", "not JSON"},
        Break{"LabelIsNoString", &Files::marathon, "\"cmd\"",
              "\"labels\": {\"a\": 1}, \"cmd\"",
              "marathon.json.mustache:0 - error render-fails", "/labels/a"},
        Break{"UnknownMember", &Files::marathon, "archive}}", "arhcive}}",
              "marathon.json.mustache:5 - warn template-unresolved",
              "{{resource.assets.uris.arhcive}} names no member of "
              "resource.json, so it always prints nothing; did you mean "
              "{{resource.assets.uris.archive}}?"},
        Break{"UnknownOption", &Files::marathon, "exec echod", "exec {{nmae}}",
              "marathon.json.mustache:4 - warn template-unresolved",
              "{{nmae}} names no option, so it always prints nothing; did you "
              "mean {{name}}?"},
        Break{"DefaultBelowMinimum", &Files::config, "256", "2",
              "config.json:6 /properties/memory-mb/default error "
              "default-invalid",
              "the default of /memory-mb is 2, its schema wants at least 96"},
        Break{"DefaultOfAnotherType", &Files::config, "256", R"("x")",
              "config.json:6 /properties/memory-mb/default error "
              "default-invalid",
              R"(is "x", its schema wants an integer)"},
        Break{"NoDefault", &Files::config, R"(, "default": "echod")", "",
              "config.json:1  info options-required",
              "/name is required and has no default; the template is not "
              "rendered"},
        Break{"ReferenceThatLeadsNowhere", &Files::config,
              R"("type": "string")", R"("$ref": "#/definitions/x")",
              "config.json:0 - error render-fails", "/properties/name/$ref"},
        Break{"MemberTwice", &Files::marathon, "\"cmd\"",
              "\"mem\": 1,\n  \"cmd\"",
              "marathon.json.mustache:4 - warn render-dup-key",
              "/mem of the rendered app is there twice; the last one counts"},
        Break{"UnknownField", &Files::marathon, "\"cmd\"",
              "\"executorResources\": {\n  \"memm\": 1},\n"
              "  \"cmd\"",
              "marathon.json.mustache:5 - warn render-unknown-field",
              "/executorResources/memm: Marathon ignores a field of that "
              "name; did you mean mem?"},
        Break{"FieldLikeNoOther", &Files::marathon, "\"cmd\"",
              "\"maintainer\": \"m@x\", \"cmd\"",
              "marathon.json.mustache:4 - warn render-unknown-field",
              "/maintainer: Marathon ignores a field of that name"},
        Break{"CommaOfANameThatMayBeEmpty", &Files::marathon, "echod\",",
              "echod\"{{#name}},{{/name}}",
              "marathon.json.mustache:5 - warn render-variant",
              "with strings and arrays of the defaults empty and their numbers "
              "0: the rendered text is not JSON"},
        Break{"IdWithUnderscore", &Files::config, R"("echod")", R"("echo_d")",
              "marathon.json.mustache:2 - error render-refused",
              "/id: '/echo_d': segment 'echo_d' must match"},
        Break{"CommandAndArguments", &Files::marathon, "\"cmd\"",
              "\"args\": [\"a\"],\n  \"cmd\"",
              "marathon.json.mustache:0 - error render-refused",
              "/: must have one of 'cmd' and 'args', not both of them"},
        Break{"InstancesAsText", &Files::marathon, "\"cmd\"",
              "\"cpus\": 1,\n  \"instances\": \"1\",\n  \"cmd\"",
              "marathon.json.mustache:5 - error render-refused",
              "/instances: error.expected.int"},
        Break{"ProtocolsInTheWrongOrder", &Files::marathon, "\"cmd\"",
              "\"portDefinitions\": [\n  {\"protocol\": \"tcp,udp\"}],\n"
              "  \"cmd\"",
              "marathon.json.mustache:5 - error render-refused",
              "/portDefinitions(0)/protocol: 'tcp,udp' must be one of"},
        Break{"TwoPortsOfOneName", &Files::marathon, "\"cmd\"",
              "\"portDefinitions\": [{\"name\": \"a\"},\n"
              "  {\"name\": \"a\"}],\n  \"cmd\"",
              "marathon.json.mustache:5 - error render-refused",
              "/portDefinitions(1)/name: port names must be unique"},
        Break{"CheckWithoutItsCommand", &Files::marathon, "\"cmd\"",
              "\"healthChecks\": [\n  {\"protocol\": \"COMMAND\"}],\n  "
              "\"cmd\"",
              "marathon.json.mustache:5 - error render-refused",
              "/healthChecks(0)/command: "},
        Break{"ReadinessSlowerThanItsInterval", &Files::marathon, "\"cmd\"",
              "\"portDefinitions\": [{\"name\": \"a\"}],\n"
              "  \"readinessChecks\": [{\"portName\": \"a\",\n"
              "  \"intervalSeconds\": 5, \"timeoutSeconds\": 5}],\n"
              "  \"cmd\"",
              "marathon.json.mustache:6 - error render-refused",
              "/readinessChecks(0)/timeoutSeconds: "}),
    [](const auto& test) { return test.param.name; });

TEST(RenderCheckTest, OptionsOfAUserComeOverTheDefaults) {
  const Files files;
  RenderCheck check = files.CheckWith(R"({"name": "mine"})");
  EXPECT_THAT(check.findings, IsEmpty());
  ASSERT_TRUE(check.app.has_value());
  EXPECT_EQ(check.app->FindString("id"), "mine");
  check = files.CheckWith(R"({"name": "my_own"})");
  EXPECT_THAT(Places(check.findings),
              ElementsAre("marathon.json.mustache:2 - error render-refused"));
}

TEST(RenderCheckTest, TemplateIsRenderedWithItsSwitchesTurned) {
  Files files;
  absl::StrReplaceAll(
      {{R"("properties": {)",
        R"("properties": {"tls": {"type": "boolean", "default": true},)"}},
      &files.config);
  absl::StrReplaceAll({{"echod\",", "echod\"{{#tls}},{{/tls}}"}},
                      &files.marathon);
  const std::vector<Finding> findings = files.Check();
  ASSERT_THAT(Places(findings),
              ElementsAre("marathon.json.mustache:5 - warn render-variant"));
  EXPECT_THAT(findings[0].text,
              HasSubstr("with every boolean default negated: the rendered text "
                        "is not JSON"));
  EXPECT_THAT(Places(files.Check(Profile::kImport)),
              ElementsAre("marathon.json.mustache:5 - info render-variant"));
  // What the user gives is given.
  EXPECT_THAT(files.CheckWith(R"({"tls": true})").findings, IsEmpty());
}

TEST(RenderCheckTest, OptionsThatDoNotFitAreErrors) {
  const Files files;
  RenderCheck check = files.CheckWith(R"({"memory-mb": 2, "nmae": "x"})");
  ASSERT_THAT(Places(check.findings),
              ElementsAre("config.json:0 - error options-invalid",
                          "config.json:5 /properties/memory-mb error "
                          "options-invalid"));
  EXPECT_THAT(check.findings[0].text, HasSubstr("name"));
  EXPECT_THAT(check.findings[1].text,
              HasSubstr("/memory-mb: found 2, wanted at least 96"));
  EXPECT_FALSE(check.app.has_value());

  Files bare;
  bare.config.clear();
  check = bare.CheckWith(R"({"name": "x"})");
  EXPECT_THAT(Places(check.findings),
              Contains("config.json:0 - error options-invalid"));
}

TEST(RenderCheckTest, OptionWithoutADefaultCanBeGiven) {
  Files files;
  absl::StrReplaceAll({{R"(, "default": "echod")", ""}}, &files.config);
  EXPECT_THAT(files.CheckWith(R"({"name": "mine"})").findings, IsEmpty());
}

TEST(RenderCheckTest, WhatAClusterIsStartedWithIsNoFaultOfTheApp) {
  Files files;
  absl::StrReplaceAll(
      {{"\"cmd\"", "\"secrets\": {\"a\": {\"source\": \"b\"}}, \"cmd\""}},
      &files.marathon);
  EXPECT_THAT(files.Check(), IsEmpty());
}

TEST(RenderCheckTest, UnknownTagThatLeavesAHoleIsToldBeside) {
  Files files;
  absl::StrReplaceAll({{"{{memory-mb}}", "{{memory-mbb}}"}}, &files.marathon);
  EXPECT_THAT(Places(files.Check()),
              ElementsAre("marathon.json.mustache:3 - error render-fails",
                          "marathon.json.mustache:3 - warn "
                          "template-unresolved"));
}

TEST(RenderCheckTest, TagThatEndsInTheNextOneIsToldWhereItBegins) {
  Files files;
  absl::StrReplaceAll({{"{{memory-mb}}", "{{memory-mb}"}}, &files.marathon);
  const std::vector<Finding> findings = files.Check();
  ASSERT_THAT(Places(findings),
              ElementsAre("marathon.json.mustache:5 - error render-fails",
                          "marathon.json.mustache:3 - warn "
                          "template-unresolved"));
  EXPECT_THAT(findings[1].text,
              HasSubstr("is the tag that begins here closed with }}?"));
}

TEST(RenderCheckTest, ExistingRepositoriesAreOnlyWarned) {
  Files files;
  absl::StrReplaceAll({{"{{memory-mb}}", "{{memory-mbb}}"}}, &files.marathon);
  EXPECT_THAT(Places(files.Check(Profile::kImport)),
              ElementsAre("marathon.json.mustache:3 - warn render-fails",
                          "marathon.json.mustache:3 - info "
                          "template-unresolved"));
  for (const Finding& finding : files.Check(Profile::kImport)) {
    EXPECT_FALSE(finding.refuses);
  }
}

TEST(RenderCheckTest, FilesThatAreNoJsonAreLeftToTheirOwnRule) {
  for (std::string Files::*file :
       {&Files::package, &Files::config, &Files::resource}) {
    Files files;
    files.*file = "{";
    EXPECT_THAT(files.Check(), IsEmpty());
  }
}

TEST(RenderCheckTest, ReleaseWithoutTemplateHasItsDefaultsChecked) {
  ReleaseBytes bytes;
  const Files files;
  const std::string config = absl::StrReplaceAll(files.config, {{"256", "2"}});
  bytes.package_json = files.package;
  bytes.config_json = config;
  const RenderCheck check = CheckRendering(
      "d", bytes, registry::JsonValue::Object(), Profile::kPublish);
  EXPECT_THAT(check.findings, SizeIs(1));
  EXPECT_FALSE(check.app.has_value());
}

}  // namespace
}  // namespace orrery::catalog
