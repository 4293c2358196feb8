#include "registry/index/relations_review.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/release_relations.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::SnapshotBuilder;

std::vector<std::string> Lines(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    lines.push_back(absl::StrCat(
        finding.refuses ? "refuses " : "", finding.rule, ": ", finding.path,
        "#", finding.pointer.value_or(""), ": ", finding.text));
  }
  return lines;
}

// Of the only release of `app`.
std::vector<std::string> Review(const SnapshotBuilder& builder) {
  const SnapshotPtr snapshot = builder.Build();
  const PackagePtr app = *snapshot->FindPackage("app");
  const auto in_force = ReadRelationsInForce(*snapshot, *app);
  EXPECT_THAT(in_force->refusals, IsEmpty());
  return Lines(
      *ReviewRelations(*snapshot, *app->releases[0], in_force->releases[0]));
}

constexpr char kConfig[] = R"({"type": "object", "properties": {
    "uri": {"type": "string"}, "port": {"type": "integer"}}})";

TEST(RelationsReviewTest, WhatNobodyHasIsAWarningWithItsPlace) {
  SnapshotBuilder builder;
  builder
      .AddRelease(
          "app", 1, "1",
          {{"config.json", kConfig}, {"relations.json", R"({"requires": [
      {"package": "db"},
      {"anyOf": [{"capability": "nobody"}, {"package": "ghost"}]},
      {"fact": "@label:rack"}],
      "features": {"fast": {"requires": [{"package": "gone"}]}}})"}})
      .AddRelease("db", 1, "1", {});
  EXPECT_THAT(
      Review(builder),
      ElementsAre("relations.unprovided: repo/packages/A/app/1/relations.json"
                  "#/requires/1: nobody provides \"nobody\"",
                  "relations.unprovided: repo/packages/A/app/1/relations.json"
                  "#/requires/1: nobody provides \"ghost\"",
                  "relations.unprovided: repo/packages/A/app/1/relations.json"
                  "#/features/fast/requires/0: nobody provides \"gone\""));
}

TEST(RelationsReviewTest, FeatureAndOutputThatNoReleaseHasAreWarnings) {
  SnapshotBuilder builder;
  builder
      .AddRelease(
          "app", 1, "1",
          {{"config.json", kConfig}, {"relations.json", R"({"requires": [
      {"package": "db", "features": ["fast", "slow"], "bind": [
          {"output": "at", "option": "/uri"},
          {"output": "none", "option": "/uri"},
          {"output": "at", "option": "/port"}]}]})"}})
      .AddRelease("db", 2, "2", {{"relations.json", R"({
          "features": {"fast": {}}})"}})
      .AddRelease("db", 1, "1", {{"relations.json", R"({"outputs": {
          "at": {"type": "string", "value": ["db"]}}})"}});
  const std::string place =
      "repo/packages/A/app/1/relations.json#/requires/0: ";
  EXPECT_THAT(Review(builder),
              ElementsAre(absl::StrCat("relations.feature: ", place,
                                       "no release of db has feature \"slow\""),
                          absl::StrCat("relations.output: ", place,
                                       "no output \"none\" of db"),
                          absl::StrCat("relations.type: ", place,
                                       "at is string, /port wants integer")));
}

TEST(RelationsReviewTest, OverlayIsToldWhatItSaysWrongOfItsBase) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 1, "1", {{"config.json", kConfig}})
      .AddOverlay("kafka", 9, "{}")
      .AddOverlay("kafka", 1, R"({"requires": [{"package": "zk", "when": [
          {"option": "/url", "set": false}]}]})")
      .AddOverlay("nothing", 1, "{}");
  const SnapshotPtr snapshot = builder.Build();
  EXPECT_THAT(
      Lines(*ReviewOverlay(*snapshot, *snapshot->FindSource("extra"))),
      ElementsAre(
          "overlay-dangling: repo/packages/K/kafka/9#: source example has no "
          "release 9 of kafka",
          "refuses relations.option: repo/packages/K/kafka/1/relations.json"
          "#/requires/0/when/0/option: kafka 1 has no option /url, did you "
          "mean /uri",
          "overlay-dangling: repo/packages/N/nothing/1#: source example has no "
          "release 1 of nothing"));
}

}  // namespace
}  // namespace orrery::registry
