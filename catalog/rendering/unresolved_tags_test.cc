#include "catalog/rendering/unresolved_tags.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"({
  "properties": {
    "service": {"properties": {"name": {"type": "string"},
                               "tls": {"type": "boolean"}}},
    "mem": {"type": "integer"},
    "labels": {"type": "object"},
    "hosts": {"type": "array", "items": {
        "properties": {"host": {"type": "string"}, "port": {}}}},
    "open": {"properties": {"a": {}}, "additionalProperties": true}}})";
constexpr char kResource[] =
    R"({"assets": {"uris": {"archive": "https://x/a.tgz"}}, "images": null})";

// "line name -> nearest" of each tag.
std::vector<std::string> Unresolved(absl::string_view text) {
  const JsonValue config = Json(kConfig);
  const JsonValue resource = Json(kResource);
  const auto tags = UnresolvedTags(text, &config, &resource);
  EXPECT_THAT(tags, IsOk());
  std::vector<std::string> lines;
  if (!tags.ok()) return lines;
  for (const UnresolvedTag& tag : *tags) {
    lines.push_back(absl::StrCat(tag.line, " ", tag.name, " -> ", tag.nearest));
  }
  return lines;
}

TEST(UnresolvedTagsTest, OptionsAndMembersOfTheResourceAreKnown) {
  EXPECT_THAT(Unresolved("{{service.name}} {{{mem}}} {{&mem}} {{service}} "
                         "{{resource.assets.uris.archive}}"),
              IsEmpty());
}

TEST(UnresolvedTagsTest, OtherNamesAreToldWithLineAndNearestName) {
  EXPECT_THAT(
      Unresolved("{\n{{memm}}\n{{service.nmae}}\n"
                 "{{resource.assets.uris.arhcive}} {{zookeeper}}\n"
                 "{{resource.images.icon-small}}"),
      ElementsAre("2 memm -> mem", "3 service.nmae -> service.name",
                  "4 resource.assets.uris.arhcive -> "
                  "resource.assets.uris.archive",
                  "4 zookeeper -> ", "5 resource.images.icon-small -> "));
}

TEST(UnresolvedTagsTest, OptionOfAnotherGroupIsNearest) {
  EXPECT_THAT(
      Unresolved("{{name}} {{net.tls}}"),
      ElementsAre("1 name -> service.name", "1 net.tls -> service.tls"));
}

TEST(UnresolvedTagsTest, WhatTheSchemaLeavesOpenIsKnown) {
  EXPECT_THAT(Unresolved("{{labels.any}} {{open.other}} {{labels.a.b}}"),
              IsEmpty());
}

TEST(UnresolvedTagsTest, ScalarsHaveNoMembers) {
  EXPECT_THAT(Unresolved("{{mem.max}} {{service.name.length}} {{hosts.isEmpty}}"
                         " {{hosts.0}}"),
              ElementsAre("1 mem.max -> ", "1 hosts.0 -> hosts"));
}

TEST(UnresolvedTagsTest, NamesAreLookedUpFromTheInnermostSection) {
  EXPECT_THAT(Unresolved("{{#service}}{{name}} {{mem}} {{tlss}}{{/service}}"
                         "{{#hosts}}{{host}}:{{port}} {{prt}} {{.}}{{/hosts}}"
                         "{{#service.tls}}{{.}} {{memm}}{{/service.tls}}"
                         "{{^service.tls}}{{memm}}{{/service.tls}}"),
              ElementsAre("1 tlss -> tls", "1 prt -> port", "1 memm -> mem",
                          "1 memm -> mem"));
}

TEST(UnresolvedTagsTest, SectionsMayAskForAnyName) {
  EXPECT_THAT(Unresolved("{{#absent}}{{inside}}{{/absent}}{{^absent}}{{mem}}"
                         "{{/absent}}{{#asJson}}labels{{/asJson}}{{asJson}}"),
              IsEmpty());
  EXPECT_THAT(Unresolved("{{^absent}}{{memm}}{{/absent}}"),
              ElementsAre("1 memm -> mem"));
}

TEST(UnresolvedTagsTest, WithoutFilesNoNameIsKnown) {
  const auto tags =
      UnresolvedTags("{{a}}{{resource.assets}}", nullptr, nullptr);
  ASSERT_THAT(tags, IsOk());
  ASSERT_EQ(tags->size(), 2u);
  EXPECT_EQ((*tags)[0].name, "a");
}

TEST(UnresolvedTagsTest, SchemaThatRefersToItselfEnds) {
  const JsonValue config =
      Json(R"({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}})");
  const auto tags = UnresolvedTags("{{a.b.a.b}}{{a.x}}", &config, nullptr);
  ASSERT_THAT(tags, IsOk());
  ASSERT_EQ(tags->size(), 1u);
  EXPECT_EQ((*tags)[0].name, "a.x");
}

TEST(UnresolvedTagsTest, MalformedTemplateIsTold) {
  EXPECT_THAT(UnresolvedTags("\n{{a", nullptr, nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 2, column 1: tag is not closed")));
}

}  // namespace
}  // namespace orrery::catalog
