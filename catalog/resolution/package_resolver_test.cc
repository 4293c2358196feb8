#include "catalog/resolution/package_resolver.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/resolution_fixture.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "tests/testing/fake_orchestrator.h"

namespace orrery::catalog {
namespace {

using resolver::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using PackageResolverTest = ResolutionTest;

TEST_F(PackageResolverTest, RequirementBringsItsProviderAndBindsItsOutput) {
  builder_
      .AddRelease("kafka", 2, "2.0", Release("kafka", R"({"requires": [
          {"anyOf": [{"package": "zk", "bind": [
               {"output": "connect", "option": "/uri"}]},
             {"fact": "@feature:dcos-zookeeper"}],
           "when": [{"option": "/uri", "set": false}]}]})"))
      .AddRelease("zk", 2, "3.5", Release("zk"))
      .AddRelease("zk", 1, "3.4", Release("zk", R"({"outputs": {"connect": {
          "type": "string", "value": ["zk:", {"option": "/count"}]}}})"));
  const Resolution resolution = Resolve({"kafka"});
  // Nothing is chosen that cannot be bound.
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("zk 3.4 <- kafka", "kafka 2.0 <- request:0"));
  ASSERT_EQ(resolution.nodes[1].bindings.size(), 1u);
  EXPECT_EQ(resolution.nodes[1].bindings[0].provider, "zk");
  EXPECT_FALSE(resolution.nodes[1].bindings[0].late);
  EXPECT_EQ(resolution.added, 2u);
  EXPECT_THAT(resolution.unchecked, ElementsAre("@feature:dcos-zookeeper"));
}

TEST_F(PackageResolverTest, OptionOfTheUserTakesARequirementAway) {
  builder_
      .AddRelease("kafka", 2, "2.0", Release("kafka", R"({"requires": [
          {"package": "zk", "when": [{"option": "/uri", "set": false}]}]})"))
      .AddRelease("zk", 1, "3.4", Release("zk"));
  query_.options["kafka"] = registry::ParseJson(R"({"uri": "zk:1"})")->root;
  EXPECT_THAT(Nodes(Resolve({"kafka"})), ElementsAre("kafka 2.0 <- request:0"));
}

TEST_F(PackageResolverTest, ConditionSeesTheDefaultOfTheRelease) {
  builder_
      .AddRelease("kafka", 2, "2.0", Release("kafka", R"({"requires": [
          {"package": "lb", "when": [{"option": "/outside", "equals": true}]},
          {"package": "zk", "when": [{"option": "/count", "equals": 3}]}]})"))
      .AddRelease("zk", 1, "3.4", Release("zk"))
      .AddRelease("lb", 1, "1", Release("lb"));
  EXPECT_THAT(Nodes(Resolve({"kafka"})),
              ElementsAre("zk 3.4 <- kafka", "kafka 2.0 <- request:0"));
}

constexpr char kKong[] = R"({"requires": [{"anyOf": [
    {"package": "postgresql", "set": {"/pg": true}},
    {"package": "cassandra", "set": {"/pg": false}}]}]})";

TEST_F(PackageResolverTest, ExcludedAlternativeLeavesTheNext) {
  builder_.AddRelease("kong", 1, "1", Release("kong", kKong))
      .AddRelease("postgresql", 1, "10", Release("postgresql"))
      .AddRelease("cassandra", 1, "3", Release("cassandra"));
  Resolution resolution = Resolve({"kong"});
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("postgresql 10 <- kong", "kong 1 <- request:0"));
  EXPECT_EQ(resolution.nodes[1].set.at("/pg"), "true");
  query_.exclude = {"postgresql"};
  resolution = Resolve({"kong"});
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("cassandra 3 <- kong", "kong 1 <- request:0"));
  EXPECT_EQ(resolution.nodes[1].set.at("/pg"), "false");
}

TEST_F(PackageResolverTest, AlternativeThatContradictsTheUserIsNotThere) {
  builder_.AddRelease("kong", 1, "1", Release("kong", kKong))
      .AddRelease("postgresql", 1, "10", Release("postgresql"))
      .AddRelease("cassandra", 1, "3", Release("cassandra"));
  query_.options["kong"] = registry::ParseJson(R"({"pg": false})")->root;
  EXPECT_THAT(Nodes(Resolve({"kong"})),
              ElementsAre("cassandra 3 <- kong", "kong 1 <- request:0"));
}

TEST_F(PackageResolverTest, CapabilityIsMetByAProviderOfThatVersion) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"capability": "sql", "versions": ">=5"}]})"))
      .AddRelease("mysql", 2, "1-4.9", Release("mysql", R"({"provides": [
          {"capability": "sql", "version": {"part": 2}}]})"))
      .AddRelease("mysql", 1, "1-5.7", Release("mysql", R"({"provides": [
          {"capability": "sql", "version": {"part": 2}}]})"));
  EXPECT_THAT(Nodes(Resolve({"app"})),
              ElementsAre("mysql 1-5.7 <- app", "app 1 <- request:0"));
}

TEST_F(PackageResolverTest, RefusalSaysWhatDoesNotFit) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "versions": ">=2"}]})"))
      .AddRelease("db", 1, "1.0", Release("db"));
  const Resolution resolution = Resolve({"app"});
  EXPECT_EQ(resolution.status, Status::kUnsatisfiable);
  EXPECT_EQ(RefusalText(resolution),
            "cannot install app without a cluster: 2 facts do not fit "
            "together\n"
            "  1. you ask for app\n"
            "  2. app 1 needs db >=2, and no release fits\n"
            "what would work\n"
            "  a. do not ask for app: changes nothing");
  EXPECT_THAT(resolution.unknown, IsEmpty());
}

TEST_F(PackageResolverTest, UnknownPackageIsNamed) {
  const Resolution resolution = Resolve({"kafak"});
  EXPECT_EQ(resolution.status, Status::kUnsatisfiable);
  EXPECT_TRUE(resolution.unknown.contains("kafak"));
  EXPECT_THAT(RefusalText(resolution),
              HasSubstr("you ask for kafak, but there is no package kafak"));
}

TEST_F(PackageResolverTest, WithoutAClusterDemandsOnFactsHoldAndAreListed) {
  builder_.AddRelease("app", 1, "1",
                      Release("app", R"({
      "platform": {"@edition": "enterprise"},
      "requires": [{"fact": "@label:rack"}]})",
                              R"(,"minDcosReleaseVersion":"1.11")"));
  const Resolution resolution = Resolve({"app"});
  EXPECT_THAT(Nodes(resolution), ElementsAre("app 1 <- request:0"));
  EXPECT_THAT(resolution.unchecked,
              ElementsAre("@dcos", "@edition", "@label:rack"));
}

TEST_F(PackageResolverTest, ClusterThatLacksAFactIsToldSo) {
  clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
  query_.cluster = "dc1";
  builder_.AddRelease("app", 1, "1", Release("app", R"({
      "platform": {"@edition": "enterprise"}})"));
  EXPECT_EQ(RefusalText(Resolve({"app"})),
            "cannot install app on cluster dc1: 3 facts do not fit together\n"
            "  1. you ask for app\n"
            "  2. app 1 needs @edition enterprise\n"
            "  3. cluster dc1 has no @edition\n"
            "what would work\n"
            "  a. bring @edition to enterprise: adds app 1\n"
            "  b. do not ask for app: changes nothing");
}

TEST_F(PackageResolverTest, FactOfTheClusterMeetsItsRange) {
  clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
  query_.cluster = "dc1";
  builder_
      .AddRelease("app", 2, "2", Release("app", R"({
          "platform": {"@kind": "marathon"}})"))
      .AddRelease("app", 1, "1", Release("app", R"({
          "platform": {"@kind": "fake"}})"));
  const Resolution resolution = Resolve({"app"});
  EXPECT_THAT(Nodes(resolution), ElementsAre("app 1 <- request:0"));
  EXPECT_EQ(resolution.facts.at("@kind"), "fake");
}

TEST_F(PackageResolverTest, ManagerIsRequired) {
  builder_
      .AddRelease(
          "pool", 1, "1",
          Release(
              "pool", "",
              R"(,"manager":{"packageName":"edgelb","minPackageVersion":"2"})"))
      .AddRelease("edgelb", 2, "2", Release("edgelb"))
      .AddRelease("edgelb", 1, "1", Release("edgelb"));
  EXPECT_THAT(Nodes(Resolve({"pool"})),
              ElementsAre("edgelb 2 <- pool", "pool 1 <- request:0"));
}

TEST_F(PackageResolverTest, ReleaseWithRefusedRelationsIsNotChosen) {
  builder_
      .AddRelease("app", 2, "2",
                  Release("app", R"({"requires": [{"package": "app"}]})"))
      .AddRelease("app", 1, "1", Release("app"));
  EXPECT_THAT(Nodes(Resolve({"app"})), ElementsAre("app 1 <- request:0"));
  EXPECT_EQ(Resolve({"app@=2"}).status, Status::kUnsatisfiable);
}

TEST_F(PackageResolverTest, OnlyPreReleasesAreTakenWithANote) {
  builder_.AddRelease("pony", 2, "1.0.0-rc2", Release("pony"))
      .AddRelease("pony", 1, "1.0.0-rc1", Release("pony"))
      .AddRelease("mixed", 2, "1.0.0-rc1", Release("mixed"))
      .AddRelease("mixed", 1, "0.9.0", Release("mixed"));
  const Resolution pony = Resolve({"pony"});
  EXPECT_THAT(Nodes(pony), ElementsAre("pony 1.0.0-rc2 <- request:0"));
  ASSERT_EQ(pony.nodes[0].notes.size(), 1u);
  EXPECT_EQ(pony.nodes[0].notes[0].code, "prerelease");
  EXPECT_THAT(Nodes(Resolve({"mixed"})),
              ElementsAre("mixed 0.9.0 <- request:0"));
  EXPECT_EQ(Resolve({"mixed@>0.9"}).status, Status::kUnsatisfiable);
  query_.prereleases_of = {"mixed"};
  EXPECT_THAT(Nodes(Resolve({"mixed@>0.9"})),
              ElementsAre("mixed 1.0.0-rc1 <- request:0"));
}

// A fix of an old line is the newest only if its number says so.
TEST_F(PackageResolverTest, NumberOfTheReleaseDecidesWhatIsNewest) {
  builder_.AddRelease("kafka", 1200, "2.10.0-2.4.0", Release("kafka"))
      .AddRelease("kafka", 1150, "2.4.1-1.9.0", Release("kafka"))
      .AddRelease("spark", 1210, "2.4.1-1.9.0", Release("spark"))
      .AddRelease("spark", 1200, "2.10.0-2.4.0", Release("spark"));
  EXPECT_THAT(Nodes(Resolve({"kafka"})),
              ElementsAre("kafka 2.10.0-2.4.0 <- request:0"));
  EXPECT_THAT(Nodes(Resolve({"kafka@2.4.*"})),
              ElementsAre("kafka 2.4.1-1.9.0 <- request:0"));
  EXPECT_THAT(Nodes(Resolve({"spark"})),
              ElementsAre("spark 2.4.1-1.9.0 <- request:0"));
}

TEST_F(PackageResolverTest, CircleIsOneGroupWithANote) {
  builder_
      .AddRelease("dse", 1, "1",
                  Release("dse", R"({"requires": [{"package": "ops"}]})"))
      .AddRelease("ops", 1, "1",
                  Release("ops", R"({"requires": [{"package": "dse"}]})"));
  const Resolution resolution = Resolve({"dse"});
  ASSERT_EQ(resolution.order.size(), 1u);
  EXPECT_THAT(resolution.order[0], ElementsAre("dse", "ops"));
  ASSERT_EQ(resolution.notes.size(), 1u);
  EXPECT_EQ(resolution.notes[0].code, "cycle");
}

TEST_F(PackageResolverTest, CircleOfOutputsThatAreKnownLateIsRefusedInWords) {
  const auto needs = [](const std::string& other) {
    return absl::StrCat(
        R"({"outputs": {"at": {"type": "string", "value": [
            {"address": "http"}]}}, "requires": [{"package": ")",
        other, R"(", "bind": [{"output": "at", "option": "/uri"}]}]})");
  };
  builder_.AddRelease("left", 1, "1", Release("left", needs("right")))
      .AddRelease("right", 1, "1", Release("right", needs("left")));
  query_.items = {*ParseRequestItem("left")};
  const registry::SnapshotPtr snapshot = builder_.Build();
  PackageResolver resolver(
      nullptr, &clusters_, [snapshot] { return snapshot; }, nullptr);
  const absl::Status refused = resolver.Resolve(query_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(),
            "plan.cycle: left -> right -> left wait for each other's outputs");
}

TEST_F(PackageResolverTest, FeatureSetsItsOptions) {
  builder_
      .AddRelease("koding", 1, "1", Release("koding", R"({"requires": [
          {"package": "lb", "features": ["no-map"]}]})"))
      .AddRelease("lb", 2, "2", Release("lb"))
      .AddRelease("lb", 1, "1", Release("lb", R"({"features": {
          "no-map": {"options": {"/outside": false}}}})"));
  const Resolution resolution = Resolve({"koding"});
  EXPECT_THAT(Nodes(resolution),
              ElementsAre("lb 1 <- koding", "koding 1 <- request:0"));
  EXPECT_THAT(resolution.nodes[0].features, ElementsAre("no-map"));
  EXPECT_EQ(resolution.nodes[0].set.at("/outside"), "false");
}

TEST_F(PackageResolverTest, JsonHasTheMembersOfASolvedAnswer) {
  builder_.AddRelease("app", 1, "1", Release("app"));
  const Resolution resolution = Resolve({"app"});
  const std::string json = registry::WriteJson(ResolutionToJson(resolution));
  EXPECT_THAT(json, HasSubstr(R"({"schema":1,"status":"solved","optimal":true,)"
                              R"("cluster":null,"removed":0,"changed":0,)"
                              R"("added":1,"items":[{"node":"app",)"
                              R"("package":"app","instance":"app",)"
                              R"("action":"add","source":"example",)"
                              R"("release":1,"revision":1,"version":"1",)"
                              R"("from":null,"features":[],)"
                              R"("why":["request:0"],"bindings":[],)"
                              R"("notes":[]}],"order":[["app"]],"catalog":)"
                              R"({"app":"sha256:)"));
}

}  // namespace
}  // namespace orrery::catalog
