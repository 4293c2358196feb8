#include "registry/index/release_relations.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/dependents.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::SnapshotBuilder;

constexpr char kConfig[] =
    R"({"type": "object", "properties": {"uri": {"type": "string"}}})";

std::string Needs(const std::string& package, const std::string& more = "") {
  return absl::StrCat(R"({"requires": [{"package": ")", package, "\"}]", more,
                      "}");
}

// Which file is in force for each release, newest first.
std::vector<std::string> Origins(const SnapshotPtr& snapshot,
                                 std::vector<std::string>* refusals = nullptr) {
  const PackagePtr package = *snapshot->FindPackage("kafka");
  const auto relations = ReadRelationsInForce(*snapshot, *package);
  std::vector<std::string> origins;
  for (const ReleaseRelations& release : relations->releases) {
    origins.push_back(release.unreadable ? "unreadable"
                                         : RelationsOrigin(release));
  }
  if (refusals != nullptr) *refusals = relations->refusals;
  return origins;
}

// The table of resolver.md §7.
TEST(ReleaseRelationsTest, OverlayCoversWhatItSelectsAndTheBaseLacks) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 1200, "3", {})
      .AddRelease("kafka", 200, "2", {})
      .AddRelease("kafka", 100, "1", {})
      .AddRelease("kafka", 57, "0", {{"relations.json", Needs("own")}})
      .AddOverlay("kafka", 1200, Needs("zk", R"(, "releases": "release>=100")"))
      .AddOverlay("kafka", 200, Needs("other"))
      .AddOverlay("kafka", 57, Needs("not"));
  EXPECT_THAT(Origins(builder.Build()),
              ElementsAre("extra:K/kafka/1200/relations.json",
                          "extra:K/kafka/200/relations.json",
                          "extra:K/kafka/1200/relations.json",
                          "example:K/kafka/57/relations.json"));
}

TEST(ReleaseRelationsTest, IgnoredOverlaysCoverNothing) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 58, "1", {})
      .AddRelease("kafka", 57, "0", {{"relations.json", Needs("own")}})
      .AddOverlay("kafka", 58, Needs("zk"));
  const SnapshotPtr snapshot = builder.Build();
  const auto relations = ReadRelationsInForce(
      *snapshot, **snapshot->FindPackage("kafka"), OverlayFiles::kIgnored);
  ASSERT_TRUE(relations.ok());
  EXPECT_EQ(RelationsOrigin(relations->releases[0]), "");
  EXPECT_EQ(RelationsOrigin(relations->releases[1]),
            "example:K/kafka/57/relations.json");
}

TEST(ReleaseRelationsTest, DirectoryThatTheBaseLacksIsInert) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 1, "1", {})
      .AddOverlay("kafka", 7, Needs("zk", R"(, "releases": "*")"));
  std::vector<std::string> refusals;
  EXPECT_THAT(Origins(builder.Build(), &refusals), ElementsAre(""));
  EXPECT_THAT(refusals, IsEmpty());
}

TEST(ReleaseRelationsTest, OverlayThatDoesNotSelectItsOwnReleaseIsRefused) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 7, "1", {})
      .AddOverlay("kafka", 7, R"({"releases": ">=2"})");
  std::vector<std::string> refusals;
  EXPECT_THAT(Origins(builder.Build(), &refusals), ElementsAre(""));
  EXPECT_THAT(refusals,
              ElementsAre("relations.selector: extra:K/kafka/7/relations.json"
                          "#/releases: does not select release 7"));
}

TEST(ReleaseRelationsTest, OptionThatOneCoveredReleaseLacksRefusesTheFile) {
  const std::string relations =
      R"({"releases": "*", "requires": [{"package": "zk",
          "bind": [{"output": "connect", "option": "/uri"}]}]})";
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 8, "2", {{"config.json", kConfig}})
      .AddRelease("kafka", 7, "1", {})
      .AddOverlay("kafka", 8, relations);
  std::vector<std::string> refusals;
  EXPECT_THAT(Origins(builder.Build(), &refusals), ElementsAre("", ""));
  EXPECT_THAT(
      refusals,
      ElementsAre("relations.option: extra:K/kafka/8/relations.json#/requires/"
                  "0/bind/0/option: kafka 7 has no option /uri"));
}

TEST(ReleaseRelationsTest, RefusedFileOfTheReleaseItselfMakesItUnreadable) {
  SnapshotBuilder builder;
  builder.AddRelease("kafka", 8, "2", {{"relations.json", Needs("kafka")}})
      .AddOverlay("kafka", 8, Needs("zk"));
  EXPECT_THAT(Origins(builder.Build()), ElementsAre("unreadable"));
}

std::vector<std::string> Dependents(const SnapshotPtr& snapshot,
                                    const std::string& name) {
  std::vector<std::string> lines;
  const auto dependents = FindDependents(*snapshot, name);
  for (const Dependent& dependent : *dependents) {
    lines.push_back(absl::StrCat(dependent.package, " ",
                                 absl::StrJoin(dependent.releases, ","), ": ",
                                 dependent.requirement));
  }
  return lines;
}

TEST(DependentsTest, AreFoundByPackageCapabilityAndFact) {
  SnapshotBuilder builder;
  builder
      .AddRelease("kong", 2, "2", {{"relations.json", R"({"requires": [
          {"anyOf": [{"package": "postgresql"}, {"package": "cassandra"}]},
          {"package": "lb", "when": [{"package": "prometheus"}]}],
          "platform": {"@edition": "enterprise"}})"}})
      .AddRelease("kong", 1, "1", {{"relations.json", Needs("postgresql")}})
      .AddRelease("app", 1, "1", {})
      .AddOverlay("app", 1, R"({"requires": [{"capability": "sql"}]})")
      .AddRelease(
          "postgresql", 1, "1",
          {{"relations.json", R"({"provides": [{"capability": "sql"}]})"}});
  const SnapshotPtr snapshot = builder.Build();
  EXPECT_THAT(Dependents(snapshot, "postgresql"),
              ElementsAre("app 1: cap:sql", "kong 1: postgresql",
                          "kong 2: postgresql | cassandra"));
  EXPECT_THAT(Dependents(snapshot, "prometheus"),
              ElementsAre("kong 2: lb if prometheus"));
  EXPECT_THAT(Dependents(snapshot, "@edition"),
              ElementsAre("kong 2: @edition enterprise"));
  EXPECT_THAT(Dependents(snapshot, "cap:sql"), ElementsAre("app 1: cap:sql"));
  EXPECT_THAT(Dependents(snapshot, "app"), IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
