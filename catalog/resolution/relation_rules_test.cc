// What relations say, rule by rule, as an answer shows it.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolution_fixture.h"
#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using resolver::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using RelationRulesTest = ResolutionTest;

TEST_F(RelationRulesTest, CapabilityNobodyHasIsUnknownWithAnyRange) {
  builder_.AddRelease("my", 1, "1", Release("my", R"({"provides": [
      {"capability": "sql", "version": "5"}]})"));
  for (const char* item : {"cap:sqll", "cap:sqll@>=1"}) {
    const Resolution resolution = Resolve({item});
    EXPECT_EQ(resolution.status, Status::kUnsatisfiable) << item;
    ASSERT_TRUE(resolution.unknown.contains("cap:sqll")) << item;
    EXPECT_THAT(resolution.unknown.at("cap:sqll"), ElementsAre("cap:sql"));
  }
  // It is known, if at no version that fits.
  EXPECT_THAT(Resolve({"cap:sql@>=9"}).unknown, IsEmpty());
}

TEST_F(RelationRulesTest, CapabilityOfAnItemIsToldAsTheItemIsWritten) {
  EXPECT_EQ(RefusalText(Resolve({"cap:nosuch"})),
            "cannot install cap:nosuch without a cluster: this stands in the "
            "way\n"
            "  1. you ask for cap:nosuch, and nobody provides it\n"
            "what would work\n"
            "  a. do not ask for cap:nosuch: changes nothing");
  builder_.AddRelease("my", 1, "1", Release("my", R"({"provides": [
      {"capability": "sql", "version": "5"}]})"));
  EXPECT_THAT(RefusalText(Resolve({"cap:sql@>=9"})),
              HasSubstr("  1. you ask for cap:sql >=9, and no release fits\n"
                        "what would work\n"
                        "  a. ask for cap:sql: adds my 1\n"));
}

TEST_F(RelationRulesTest, RevisionOneIsTheReleaseAndNoOtherExists) {
  builder_.AddRelease("kafka", 2, "2", Release("kafka"))
      .AddRelease("kafka", 1, "1", Release("kafka"));
  EXPECT_THAT(Nodes(Resolve({"kafka@release=1#1"})),
              ElementsAre("kafka 1 <- request:0"));
  const Resolution refused = Resolve({"kafka@release=1#2"});
  EXPECT_EQ(refused.status, Status::kUnsatisfiable);
  EXPECT_THAT(RefusalText(refused), HasSubstr("kafka release=1#2"));
}

TEST_F(RelationRulesTest, HiddenReleaseIsChosenOnlyByItsName) {
  builder_.AddRelease("hid", 2, "2.0", Release("hid"))
      .AddRelease("hid", 1, "1.0", Release("hid"));
  builder_.Hide("hid", 1);
  EXPECT_THAT(Nodes(Resolve({"hid"})), ElementsAre("hid 2.0 <- request:0"));
  for (const char* exact : {"hid@1.0", "hid@=1.0", "hid@release=1"}) {
    EXPECT_THAT(Nodes(Resolve({exact})), ElementsAre("hid 1.0 <- request:0"))
        << exact;
  }
  for (const char* range : {"hid@<2", "hid@1.*", "hid@release<=1"}) {
    EXPECT_EQ(Resolve({range}).status, Status::kUnsatisfiable) << range;
  }
}

TEST_F(RelationRulesTest, HiddenReleaseDemandsNothingOfTheCluster) {
  builder_.AddRelease("hid", 1, "1.0",
                      Release("hid", "", R"(,"minDcosReleaseVersion":"9999")"));
  builder_.Hide("hid", 1);
  EXPECT_THAT(Resolve({"hid@=1.0"}).unchecked, IsEmpty());
}

TEST_F(RelationRulesTest,
       AlternativeThatContradictsTheUserIsNamedWithItsOption) {
  builder_
      .AddRelease("kong", 1, "1", Release("kong", R"({"requires": [
          {"package": "kafka", "versions": ">=2", "set": {"/pg": true}}]})"))
      .AddRelease("kafka", 2, "2", Release("kafka"))
      .AddRelease("kafka", 1, "1", Release("kafka"));
  query_.options["kong"] = registry::ParseJson(R"({"pg": false})")->root;
  const Resolution refused = Resolve({"kong"});
  EXPECT_EQ(RefusalText(refused),
            "cannot install kong without a cluster: 3 facts do not fit "
            "together\n"
            "  1. you ask for kong\n"
            "  2. kong 1 needs kafka 2\n"
            "  3. kafka 2 cannot be chosen: option /pg of kong is "
            "set by you\n"
            "what would work\n"
            "  a. do not ask for kong: changes nothing");
}

TEST_F(RelationRulesTest, FeatureThatContradictsTheUserIsNamedWithItsOption) {
  builder_.AddRelease("feat", 1, "1", Release("feat", R"({"features": {
      "ff": {"options": {"/pg": true}}}})"));
  query_.options["feat"] = registry::ParseJson(R"({"pg": false})")->root;
  EXPECT_THAT(RefusalText(Resolve({"feat[ff]"})),
              HasSubstr("feat[ff] 1 cannot be chosen: option /pg of feat is "
                        "set by you"));
  query_.options["feat"] = registry::ParseJson(R"({"pg": true})")->root;
  EXPECT_EQ(Resolve({"feat[ff]"}).status, Status::kSolved);
}

TEST_F(RelationRulesTest, FeatureThatNoReleaseHasIsNamed) {
  builder_.AddRelease("feat", 2, "2", Release("feat"))
      .AddRelease("feat", 1, "1", Release("feat"));
  EXPECT_THAT(RefusalText(Resolve({"feat[nosuch]"})),
              HasSubstr("  1. you ask for feat[nosuch]\n"
                        "  2. feat[nosuch] (every release) cannot be chosen: "
                        "no release of feat has feature \"nosuch\"\n"));
}

TEST_F(RelationRulesTest, BoundOnACapabilityHoldsForEveryProvider) {
  builder_
      .AddRelease("bnd", 1, "1", Release("bnd", R"({"bounds": [
          {"capability": "sql", "versions": "<9"}]})"))
      .AddRelease("pg", 1, "1", Release("pg", R"({"provides": [
          {"capability": "sql", "version": "9"}]})"))
      .AddRelease("my", 1, "1", Release("my", R"({"provides": [
          {"capability": "sql", "version": "5"}]})"));
  EXPECT_EQ(Resolve({"bnd", "pg"}).status, Status::kUnsatisfiable);
  // A bound brings nothing along, and lets in what is inside.
  EXPECT_THAT(Nodes(Resolve({"bnd"})), ElementsAre("bnd 1 <- request:0"));
  EXPECT_EQ(Resolve({"bnd", "my"}).status, Status::kSolved);
  // A release that does not provide it is not bound.
  builder_.AddRelease("pg", 0, "0", Release("pg"));
  EXPECT_THAT(Nodes(Resolve({"bnd", "pg"})),
              UnorderedElementsAre("bnd 1 <- request:0", "pg 0 <- request:1"));
}

TEST_F(RelationRulesTest, BoundOnAPackageHoldsOnlyIfItIsThere) {
  builder_
      .AddRelease("bnd", 1, "1", Release("bnd", R"({"bounds": [
          {"package": "db", "versions": "<2"}]})"))
      .AddRelease("db", 2, "2", Release("db"))
      .AddRelease("db", 1, "1", Release("db"));
  EXPECT_THAT(Nodes(Resolve({"bnd"})), ElementsAre("bnd 1 <- request:0"));
  EXPECT_THAT(Nodes(Resolve({"bnd", "db"})),
              UnorderedElementsAre("bnd 1 <- request:0", "db 1 <- request:1"));
  EXPECT_THAT(RefusalText(Resolve({"bnd", "db@=2"})),
              HasSubstr("bnd 1 works only with db 1"));
}

TEST_F(RelationRulesTest, ConflictKeepsTwoApart) {
  builder_
      .AddRelease("a1", 1, "1", Release("a1", R"({"conflicts": [
          {"package": "b1", "versions": ">=2"}]})"))
      .AddRelease("b1", 2, "2", Release("b1"))
      .AddRelease("b1", 1, "1", Release("b1"));
  EXPECT_THAT(Nodes(Resolve({"a1", "b1"})),
              UnorderedElementsAre("a1 1 <- request:0", "b1 1 <- request:1"));
  EXPECT_THAT(RefusalText(Resolve({"a1", "b1@=2"})),
              HasSubstr("a1 1 conflicts with b1 2"));
}

TEST_F(RelationRulesTest, SingletonIsThereOnce) {
  builder_.AddRelease("lb", 1, "1", Release("lb", R"({"singleton": true})"));
  EXPECT_EQ(Resolve({"lb"}).status, Status::kSolved);
  EXPECT_THAT(RefusalText(Resolve({"lb", "lb@other"})),
              HasSubstr("only one service can hold singleton:lb: lb and "
                        "lb@other want it"));
}

TEST_F(RelationRulesTest, ClaimOfAnOptionIsItsValue) {
  constexpr char kClaim[] =
      R"({"claims": [{"kind": "vip", "option": "/uri"}]})";
  builder_.AddRelease("a1", 1, "1", Release("a1", kClaim))
      .AddRelease("b1", 1, "1", Release("b1", kClaim));
  // Without a value there is no claim.
  EXPECT_EQ(Resolve({"a1", "b1"}).status, Status::kSolved);
  query_.options["a1"] = registry::ParseJson(R"({"uri": "10.0.0.1"})")->root;
  query_.options["b1"] = registry::ParseJson(R"({"uri": "10.0.0.2"})")->root;
  EXPECT_EQ(Resolve({"a1", "b1"}).status, Status::kSolved);
  query_.options["b1"] = query_.options["a1"];
  EXPECT_THAT(RefusalText(Resolve({"a1", "b1"})),
              HasSubstr("only one service can hold vip:10.0.0.1: a1 and b1 "
                        "want it"));
}

TEST_F(RelationRulesTest, ConditionNotEqualsLooksAtTheOption) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "when": [
              {"option": "/count", "notEquals": 3}]}]})"))
      .AddRelease("db", 1, "1", Release("db"));
  EXPECT_THAT(Nodes(Resolve({"app"})), ElementsAre("app 1 <- request:0"));
  query_.options["app"] = registry::ParseJson(R"({"count": 4})")->root;
  EXPECT_THAT(Nodes(Resolve({"app"})),
              ElementsAre("db 1 <- app", "app 1 <- request:0"));
}

TEST_F(RelationRulesTest, ConditionOnACapabilityLooksAtTheAnswer) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "exporter", "when": [
              {"capability": "metrics", "versions": ">=2"}]}]})"))
      .AddRelease("exporter", 1, "1", Release("exporter"))
      .AddRelease("old", 1, "1", Release("old", R"({"provides": [
          {"capability": "metrics", "version": "1"}]})"))
      .AddRelease("new", 1, "1", Release("new", R"({"provides": [
          {"capability": "metrics", "version": "2"}]})"));
  EXPECT_THAT(Nodes(Resolve({"app", "old"})),
              Not(::testing::Contains(HasSubstr("exporter"))));
  EXPECT_THAT(Nodes(Resolve({"app", "new"})),
              ::testing::Contains("exporter 1 <- app"));
}

TEST_F(RelationRulesTest, OptionOfTheUserOverridesABinding) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "bind": [{"output": "at", "option": "/uri"}]}]})"))
      .AddRelease("db", 1, "1", Release("db", R"({"outputs": {"at": {
          "type": "string", "value": ["db"]}}})"));
  EXPECT_FALSE(Resolve({"app"}).Find("app")->bindings.at(0).overridden);
  query_.options["app"] = registry::ParseJson(R"({"uri": "mine"})")->root;
  EXPECT_TRUE(Resolve({"app"}).Find("app")->bindings.at(0).overridden);
}

TEST_F(RelationRulesTest, KnownIssuesAreANote) {
  builder_.AddRelease("app", 1, "1",
                      Release("app", "", R"(,"hasKnownIssues":true)"));
  const Resolution resolution = Resolve({"app"});
  ASSERT_EQ(resolution.nodes.at(0).notes.size(), 1u);
  EXPECT_EQ(resolution.nodes[0].notes[0].code, "known-issues");
  EXPECT_EQ(resolution.nodes[0].notes[0].text,
            "the maintainers of app 1 know of issues");
}

TEST_F(RelationRulesTest, AlternativesThatSetOneOptionDifferentlyAreRefused) {
  builder_
      .AddRelease("sc", 1, "1", Release("sc", R"({"requires": [
          {"package": "dd", "set": {"/pg": true}},
          {"package": "ee", "set": {"/pg": false}}]})"))
      .AddRelease("dd", 1, "1", Release("dd"))
      .AddRelease("ee", 1, "1", Release("ee"));
  query_.items = {*ParseRequestItem("sc")};
  const absl::Status refused = Resolver().Resolve(query_).status();
  EXPECT_EQ(refused.message(),
            "relations.set: /pg: dd wants true, ee wants false (of sc)");
}

TEST_F(RelationRulesTest, ProvidersOfAllSourcesCountByName) {
  constexpr char kSql[] = R"({"provides": [{"capability": "sql"}]})";
  builder_.AddRelease("pg", 1, "1", Release("pg", kSql), "better")
      .AddRelease("my", 1, "1", Release("my", kSql));
  EXPECT_THAT(Nodes(Resolve({"cap:sql"})), ElementsAre("my 1 <- request:0"));
  query_.exclude = {"my"};
  EXPECT_THAT(Nodes(Resolve({"cap:sql"})), ElementsAre("pg 1 <- request:0"));
}

TEST_F(RelationRulesTest, OldestFirstTakesTheLowerBounds) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "db", "versions": ">=2"}]})"))
      .AddRelease("db", 3, "3", Release("db"))
      .AddRelease("db", 2, "2", Release("db"))
      .AddRelease("db", 1, "1", Release("db"));
  query_.oldest_first = true;
  EXPECT_THAT(Nodes(Resolve({"app"})),
              ElementsAre("db 2 <- app", "app 1 <- request:0"));
}

// resolver.md §1.5, §9.3: without a cluster a fact holds, where it is written.
class FactAlternativeTest : public ResolutionTest {
 protected:
  FactAlternativeTest() {
    builder_
        .AddRelease("kafka", 1, "1", Release("kafka", R"({"requires": [
            {"anyOf": [{"package": "zk"}, {"fact": "@label:zone"}]}]})"))
        .AddRelease("zk", 1, "1", Release("zk"))
        .AddRelease("keeper", 1, "1", Release("keeper", R"({"requires": [
            {"fact": "@label:zone", "versions": "eu"}]})"))
        .AddRelease("first", 1, "1", Release("first", R"({"requires": [
            {"anyOf": [{"fact": "@feature:jobs"}, {"package": "zk"}]}]})"));
  }
};

TEST_F(FactAlternativeTest, LaterOneIsNoReasonToLeaveAnEarlierOneOut) {
  EXPECT_THAT(Nodes(Resolve({"kafka", "keeper"})),
              UnorderedElementsAre("kafka 1 <- request:0", "zk 1 <- kafka",
                                   "keeper 1 <- request:1"));
  EXPECT_THAT(Nodes(Resolve({"keeper", "kafka"})),
              UnorderedElementsAre("kafka 1 <- request:1", "zk 1 <- kafka",
                                   "keeper 1 <- request:0"));
}

TEST_F(FactAlternativeTest, FirstOneIsWhatCounts) {
  EXPECT_THAT(
      Nodes(Resolve({"first", "zk"})),
      UnorderedElementsAre("first 1 <- request:0", "zk 1 <- request:1"));
}

TEST_F(FactAlternativeTest, LabelIsInNoEffectOfAFix) {
  for (const resolver::Fix& fix : Resolve({"keeper", "zk@>=2"}).fixes) {
    EXPECT_THAT(fix.effect, Not(HasSubstr("@label"))) << fix.text;
  }
}

TEST_F(FactAlternativeTest, LabelThatTheClusterLacksIsToldAsSuch) {
  clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
  query_.cluster = "dc1";
  EXPECT_THAT(RefusalText(Resolve({"keeper"})),
              HasSubstr("  2. keeper 1 needs @label:zone eu\n"
                        "  3. cluster dc1 has no @label:zone\n"));
}

}  // namespace
}  // namespace orrery::catalog
