// What runs, and what a question about it answers.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolution_fixture.h"
#include "catalog/resolution/running_service.h"
#include "registry/judge/tree_hash.h"

namespace orrery::catalog {
namespace {

using resolver::Status;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using RunningServicesTest = ResolutionTest;

TEST_F(RunningServicesTest, ContentOfAnItemIsForItsServiceAlone) {
  builder_.AddRelease("db", 2, "2", Release("db", R"({"singleton": false})"))
      .AddRelease("db", 1, "1", Release("db"));
  const std::string tree =
      registry::TreeHash(**builder_.Build()->GetRelease("db", 2, "example"));
  Running("db", 1, "1", "old");
  query_.trees = {{"db", tree}};
  EXPECT_THAT(
      Nodes(Resolve({"db@new"})),
      UnorderedElementsAre("db@new 2 <- request:0", "db@old 1 <- installed"));
  EXPECT_THAT(RefusalText(Resolve({"db@new@<2"})),
              HasSubstr("you ask for db@new <2 h1:"));
}

TEST_F(RunningServicesTest, NameOfAServiceAloneIsToldItsNode) {
  builder_.AddRelease("db", 1, "1", Release("db", R"({"singleton": false})"));
  Running("db", 1, "1", "old");
  query_.hold = {{"old", ""}};
  EXPECT_EQ(Resolver().Resolve(query_).status().message(),
            "no service old is installed on cluster dc1; did you mean db@old?");
  query_.hold = {{"older", ""}};
  EXPECT_EQ(Resolver().Resolve(query_).status().message(),
            "no service older is installed on cluster dc1");
}

TEST_F(RunningServicesTest, ContentOfADependencyLeavesWhatRunsAlone) {
  builder_.AddRelease("db", 2, "2", Release("db", R"({"singleton": false})"))
      .AddRelease("db", 1, "1", Release("db"))
      .AddRelease("app", 1, "1",
                  Release("app", R"({"requires": [{"package": "db"}]})"));
  const std::string tree =
      registry::TreeHash(**builder_.Build()->GetRelease("db", 1, "example"));
  query_.trees = {{"db", tree}};
  EXPECT_THAT(Nodes(Resolve({"app"})),
              ElementsAre("db 1 <- app", "app 1 <- request:0"));
  Running("db", 2, "2", "old");
  EXPECT_THAT(Nodes(Resolve({"app"})), Contains("db@old 2 <- app,installed"));
}

TEST_F(RunningServicesTest,
       RefusedRelationsOfWhatRunsAreThoseItWasInstalledWith) {
  builder_.AddRelease("cons", 2, "2", Release("cons"))
      .AddRelease("cons", 1, "1", Release("cons", R"({"requires": [{}]})"))
      .AddRelease("prov", 2, "2", Release("prov"))
      .AddRelease("prov", 1, "1", Release("prov"));
  Running("prov", 1, "1");
  Running("cons", 1, "1").relations =
      R"({"requires": [{"package": "prov", "versions": "<2"}]})";
  query_.update = {{"prov", ""}};
  query_.hold = {{"cons", ""}};
  const Resolution resolution = Resolve({});
  EXPECT_THAT(
      Nodes(resolution),
      UnorderedElementsAre("prov 1 <- cons,installed", "cons 1 <- installed"));
  ASSERT_EQ(resolution.held.size(), 1u);
  EXPECT_EQ(resolution.held[0].reason, "cons 1 needs prov 1");
  query_.update.clear();
  query_.hold.clear();
  query_.remove = {{"prov", ""}};
  // The removal would take away what it needs; its other release does not.
  EXPECT_THAT(Nodes(Resolve({})), Contains("cons 2 <- installed"));
}

TEST_F(RunningServicesTest, ReleaseThatABetterSourceHidesIsNotLost) {
  builder_.AddRelease("exec", 8, "1.3", Release("exec"))
      .AddRelease("exec", 9, "1.4", Release("exec"))
      .AddRelease("exec", 1, "1.3", Release("exec"), "better");
  Running("exec", 8, "1.3");
  const Resolution resolution = Resolve({});
  ASSERT_THAT(Nodes(resolution), ElementsAre("exec 1.3 <- installed"));
  EXPECT_THAT(resolution.notes, IsEmpty());
  const ResolvedNode& node = resolution.nodes[0];
  EXPECT_EQ(node.release->source, "example");
  EXPECT_FALSE(node.is_lost);
  // Its own source goes on.
  query_.update = {{"exec", ""}};
  EXPECT_THAT(Nodes(Resolve({})), ElementsAre("exec 1.4 <- installed"));
  // Nobody else gets it.
  EXPECT_EQ(Resolve({"exec@new@=1.3"}).Find("exec@new")->release->source,
            "better");
}

TEST_F(RunningServicesTest, NewestOfAnotherSourceNamesItAndHowToTakeIt) {
  builder_.AddRelease("exec", 8, "1.3", Release("exec"))
      .AddRelease("exec", 1, "1.1", Release("exec"), "better");
  Running("exec", 8, "1.3");
  query_.update = {{"exec", ""}};
  const Resolution resolution = Resolve({});
  ASSERT_EQ(resolution.held.size(), 1u);
  EXPECT_EQ(resolution.held[0].version, "1.3");
  EXPECT_EQ(resolution.held[0].newest, "1.1 of source better");
  EXPECT_EQ(resolution.held[0].reason,
            "exec runs from source example; what source better has of it is "
            "taken with --allow-source-change");
  query_.allow_source_change = true;
  EXPECT_THAT(Resolve({}).held, IsEmpty());
}

TEST_F(RunningServicesTest, AnotherRevisionOfWhatRunsNeedsNoEdge) {
  builder_
      .AddRelease("db", 2, "2", Release("db", "", R"(,"upgradesFrom":["0"])"))
      .AddRelease("db", 1, "1", Release("db", "", R"(,"upgradesFrom":["0"])"));
  Running("db", 1, "1").tree = "h1:of an earlier revision";
  query_.update = {{"db", ""}};
  const ResolvedNode moved = *Resolve({}).Find("db");
  EXPECT_EQ(moved.action, NodeAction::kChange);
  EXPECT_EQ(moved.release->release, 1);
  EXPECT_FALSE(moved.is_lost);
}

TEST_F(RunningServicesTest, OtherContentOfTheSameReleaseIsAnotherRelease) {
  builder_.AddRelease("db", 1, "1", Release("db"));
  Running("db", 1, "1").tree = "h1:of an earlier revision";
  const ResolvedNode stays = *Resolve({}).Find("db");
  EXPECT_EQ(stays.action, NodeAction::kKeep);
  EXPECT_TRUE(stays.is_lost);
  query_.update = {{"db", ""}};
  const ResolvedNode moved = *Resolve({}).Find("db");
  EXPECT_EQ(moved.action, NodeAction::kChange);
  EXPECT_FALSE(moved.is_lost);
  running_.front().tree = registry::TreeHash(*moved.release);
  EXPECT_EQ(Resolve({}).Find("db")->action, NodeAction::kKeep);
}

TEST_F(RunningServicesTest, NewFeatureIsAChange) {
  builder_
      .AddRelease("wants", 1, "1", Release("wants", R"({"requires": [
          {"package": "plain", "features": ["gg"]}]})"))
      .AddRelease("plain", 1, "1", Release("plain", R"({"features": {
          "gg": {"options": {"/pg": true}}}})"));
  RunningService& plain = Running("plain", 1, "1");
  Resolution resolution = Resolve({"wants"});
  EXPECT_EQ(resolution.Find("plain")->action, NodeAction::kChange);
  EXPECT_EQ(resolution.Find("plain")->reason, "wants needs plain[gg]");
  EXPECT_EQ(resolution.changed, 1u);
  plain.features = {"gg"};
  resolution = Resolve({"wants"});
  EXPECT_EQ(resolution.Find("plain")->action, NodeAction::kKeep);
  EXPECT_EQ(resolution.changed, 0u);
}

TEST_F(RunningServicesTest, PreReleaseThatRunsIsInsideItsRanges) {
  builder_.AddRelease("zk", 3, "1.0-rc2", Release("zk"))
      .AddRelease("zk", 2, "1.0-rc1", Release("zk"))
      .AddRelease("zk", 1, "0.9", Release("zk"))
      .AddRelease("cons", 1, "1", Release("cons", R"({"requires": [
          {"package": "zk", "versions": ">=0.5"}]})"))
      .AddRelease("foe", 1, "1", Release("foe", R"({"conflicts": [
          {"package": "zk", "versions": ">=0.5"}]})"));
  Running("zk", 2, "1.0-rc1");
  EXPECT_THAT(
      Nodes(Resolve({"cons"})),
      ElementsAre("zk 1.0-rc1 <- cons,installed", "cons 1 <- request:0"));
  EXPECT_THAT(Nodes(Resolve({"zk"})),
              ElementsAre("zk 1.0-rc1 <- installed,request:0"));
  query_.update = {{"zk", ""}};
  EXPECT_THAT(Nodes(Resolve({"zk"})),
              ElementsAre("zk 1.0-rc1 <- installed,request:0"));
  query_.update.clear();
  EXPECT_EQ(Resolve({"foe"}).status, Status::kUnsatisfiable);
  // Another service of the package does not get it.
  EXPECT_THAT(Nodes(Resolve({"zk@new"})), Contains("zk@new 0.9 <- request:0"));
}

TEST_F(RunningServicesTest, NothingIsHeldBelowWhatIsRuledOutBeforehand) {
  builder_
      .AddRelease("el", 3, "3.0",
                  Release("el", "", R"(,"upgradesFrom":["2.0"])"))
      .AddRelease("el", 2, "2.0",
                  Release("el", "", R"(,"upgradesFrom":["1.0"])"))
      .AddRelease("el", 1, "1.0", Release("el"))
      .AddRelease("mixed", 2, "1.0-rc1", Release("mixed"))
      .AddRelease("mixed", 1, "0.9", Release("mixed"))
      .AddRelease("pony", 2, "1.0-rc2", Release("pony"))
      .AddRelease("pony", 1, "1.0-rc1", Release("pony"));
  query_.prereleases_of = {"mixed"};
  // Above the newest that is no pre-release.
  EXPECT_THAT(Resolve({"mixed@>0.9"}).held, IsEmpty());
  query_.prereleases_of.clear();
  EXPECT_THAT(Resolve({"pony@<1.0-rc2"}).held, IsEmpty());
  Running("el", 1, "1.0");
  query_.update = {{"el", ""}};
  const Resolution resolution = Resolve({});
  EXPECT_THAT(Nodes(resolution), ElementsAre("el 2.0 <- installed"));
  // Who asks for the newest is told why it is out of reach.
  ASSERT_EQ(resolution.held.size(), 1U);
  EXPECT_EQ(resolution.held[0].newest, "3.0");
  EXPECT_THAT(resolution.held[0].reason,
              HasSubstr("el runs 1.0, from where only "));
}

TEST_F(RunningServicesTest, HeldServiceIsToldByReleaseWhereLabelsRepeat) {
  builder_.AddRelease("dup", 2, "1.0", Release("dup", R"({"singleton": true})"))
      .AddRelease("dup", 1, "1.0", Release("dup"))
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "dup", "versions": "release<2"}]})"));
  const Resolution resolution = Resolve({"app"});
  ASSERT_EQ(resolution.held.size(), 1u);
  EXPECT_EQ(resolution.held[0].version, "1.0 (release 1)");
  EXPECT_EQ(resolution.held[0].newest, "1.0 (release 2)");
}

TEST_F(RunningServicesTest, EveryHeldServiceIsListed) {
  std::string requires_all;
  for (int i = 10; i < 35; ++i) {
    const std::string name = absl::StrCat("dep", i);
    builder_.AddRelease(name, 2, "2", Release(name))
        .AddRelease(name, 1, "1", Release(name));
    absl::StrAppend(&requires_all, requires_all.empty() ? "" : ",",
                    R"({"package": ")", name, R"(", "versions": "<2"})");
  }
  builder_.AddRelease(
      "many", 1, "1",
      Release("many", absl::StrCat(R"({"requires": [)", requires_all, "]}")));
  const Resolution resolution = Resolve({"many"});
  ASSERT_EQ(resolution.held.size(), 25u);
  EXPECT_EQ(resolution.held[19].reason, "you ask for many");
  EXPECT_EQ(resolution.held[20].reason, "not worked out");
}

TEST_F(RunningServicesTest, RemovedServicesAreCounted) {
  builder_.AddRelease("kib", 1, "1", Release("kib"))
      .AddRelease("zk", 1, "1", Release("zk"));
  Running("kib", 1, "1");
  query_.remove = {{"kib", ""}};
  const Resolution resolution = Resolve({"zk"});
  EXPECT_EQ(resolution.removed, 1u);
  EXPECT_EQ(resolution.added, 1u);
}

TEST_F(RunningServicesTest, LockedAnswerCountsAsTheFirstDid) {
  builder_.AddRelease("zk", 2, "2", Release("zk"))
      .AddRelease("zk", 1, "1", Release("zk"))
      .AddRelease("n2", 1, "1", Release("n2", R"({"requires": [
          {"package": "zk", "versions": ">=2"}]})"));
  Running("zk", 1, "1");
  const Resolution first = Resolve({"n2"});
  EXPECT_EQ(first.changed, 1u);
  query_.lock = *ParseLock(WriteLock(query_, first));
  query_.locked = true;
  EXPECT_EQ(Resolve({"n2"}).changed, 1u);
}

// Each line of a refused lock.
class BrokenLockTest : public ResolutionTest {
 protected:
  std::string Refusal() {
    query_.locked = true;
    return std::string(Resolver().Resolve(query_).status().message());
  }
  void Lock(const std::string& item) {
    query_.lock = *ParseLock(WriteLock(query_, Resolve({item})));
  }
};

TEST_F(BrokenLockTest, RuleIsToldAsTheFactThatStandsAgainstIt) {
  builder_
      .AddRelease("el", 3, "3", Release("el", "", R"(,"upgradesFrom":["2"])"))
      .AddRelease("el", 2, "2", Release("el", "", R"(,"upgradesFrom":["1"])"))
      .AddRelease("el", 1, "1", Release("el"))
      .AddRelease("kib", 1, "1", Release("kib", R"({"requires": [
          {"package": "el", "versions": "<3"}], "conflicts": [
          {"package": "foe"}], "bounds": [
          {"package": "el", "versions": "<=2"}]})"))
      .AddRelease("foe", 1, "1", Release("foe"));
  Lock("kib");
  Running("el", 1, "1");
  for (LockedNode& node : query_.lock->nodes) {
    if (node.node != "el") continue;
    node.release = 3;
    node.version = "3";
    node.tree =
        registry::TreeHash(**builder_.Build()->GetRelease("el", 3, "example"));
  }
  const std::string refusal = Refusal();
  EXPECT_THAT(refusal, HasSubstr("lock.rule: el: el runs 1, from where only 2 "
                                 "and older can be reached"));
  EXPECT_THAT(refusal, HasSubstr("lock.rule: kib: kib 1 needs el <3"));
  EXPECT_THAT(refusal, HasSubstr("lock.rule: kib: kib 1 works only with el "
                                 "<=2"));
}

TEST_F(BrokenLockTest, NodeThatIsGoneHidesNoFaultOfOthers) {
  builder_
      .AddRelease("app", 1, "1", Release("app", R"({"requires": [
          {"package": "lone"}, {"package": "kib"}]})"))
      .AddRelease("lone", 1, "1", Release("lone"))
      .AddRelease("kib", 1, "1", Release("kib", R"({"requires": [
          {"package": "el", "versions": ">=2"}]})"))
      .AddRelease("el", 2, "2", Release("el"))
      .AddRelease("el", 1, "1", Release("el"));
  Lock("app");
  for (LockedNode& node : query_.lock->nodes) {
    if (node.node == "lone") node.release = 7;
    if (node.node == "el") {
      node.release = 1;
      node.tree = registry::TreeHash(
          **builder_.Build()->GetRelease("el", 1, "example"));
    }
  }
  const std::string refusal = Refusal();
  EXPECT_THAT(refusal, HasSubstr("lock.release: lone: expected release 7#1 of "
                                 "source example, found nothing"));
  EXPECT_THAT(refusal, HasSubstr("lock.rule: kib: kib 1 needs el >=2"));
  EXPECT_THAT(refusal, ::testing::Not(HasSubstr("lock.rule: app")));
}

}  // namespace
}  // namespace orrery::catalog
