#include "resolver/fixes.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/edges.h"
#include "resolver/explain.h"
#include "resolver/sentences.h"
#include "tests/testing/small_universe.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::SmallUniverse;
using U = SmallUniverse;

// `ask for a: adds a 1`, each.
std::vector<std::string> Texts(const std::vector<Fix>& fixes) {
  std::vector<std::string> texts;
  for (const Fix& fix : fixes) {
    texts.push_back(absl::StrCat(fix.text, ": ", fix.effect));
  }
  return texts;
}

Alternative Ranged(Alternative alternative, const std::string& range) {
  alternative.target.range = range;
  return alternative;
}

// The elastic of resolver.md §8.3.
class ElasticTest : public ::testing::Test {
 protected:
  ElasticTest() {
    edges_.resize(4);
    edges_[1] = {{{"1.0"}}, {{"1.0"}}};
    edges_[2] = {{{"2.0"}}, {}};
    edges_[3] = {{{"*"}}, {{"*"}}};
  }

  // elastic runs `from`; asks for `to`.
  void Ask(Rank from, Rank to) {
    InstalledNode runs{{elastic_}, from};
    runs.edges = edges_;
    runs.reachable = ReachableRanks(*universe_.Candidates(elastic_), edges_,
                                    from, Downgrades::kNever);
    request_.installed = {runs};
    request_.keep = {{{U::Of(elastic_, 1, 4)}}};
    request_.update = {{elastic_}};
    request_.items = {{{Ranged(U::Of(elastic_, to + 1, to + 1),
                               absl::StrCat("=", to + 1, ".0"))}}};
  }

  SmallUniverse universe_;
  const PackageId elastic_ =
      universe_.Package("elastic", {"1.0", "2.0", "3.0", "4.0"});
  std::vector<ReleaseEdges> edges_;
  Request request_;
};

TEST_F(ElasticTest, AnUpgradePathIsShownInItsSteps) {
  Ask(/*from=*/0, /*to=*/2);
  const auto explanation = Explain(request_, universe_);
  ASSERT_THAT(explanation, IsOk());
  EXPECT_THAT(
      *Sentences(explanation->facts, "dc1", universe_),
      ElementsAre("you ask for elastic =3.0",
                  "elastic runs 1.0, from where only 2.0 and older, 4.0 can be "
                  "reached"));
  const auto fixes =
      FindFixes(request_, explanation->facts,
                {AskInstead(FixKind::kRange, request_, explanation->facts, 0,
                            {{U::Of(elastic_, 1, 4)}}, universe_)},
                universe_);
  ASSERT_THAT(fixes, IsOk());
  EXPECT_THAT(
      Texts(*fixes),
      ElementsAre("ask for elastic: changes elastic 1.0 -> 4.0",
                  "go in 2 steps: 2.0 -> 3.0: changes elastic 1.0 -> 3.0",
                  "do not ask for elastic =3.0: changes nothing"));
}

TEST_F(ElasticTest, AStepThatOthersDoNotFitIsNotTaken) {
  Ask(/*from=*/0, /*to=*/2);
  const PackageId kibana = universe_.Package("kibana", 2);
  universe_.Needs(kibana, 1, {U::Of(elastic_, 1, 1), U::Of(elastic_, 3, 3)});
  universe_.Needs(kibana, 2, {U::Of(elastic_, 3, 3)});
  request_.installed.push_back({{kibana}, 0});
  request_.keep.push_back({{U::Of(kibana, 1, 2)}});
  const auto explanation = Explain(request_, universe_);
  EXPECT_THAT(Texts(*FindFixes(request_, explanation->facts, {}, universe_)),
              ElementsAre("do not ask for elastic =3.0: changes nothing"));
  // What is in the way may go along.
  const PackageId any = universe_.Package("any", 1);
  universe_.At(kibana) = {};
  universe_.Needs(kibana, 1, {U::Of(elastic_, 1, 1)});
  universe_.Needs(kibana, 2, {U::Of(elastic_, 2, 3)});
  universe_.Needs(kibana, 2, {U::Of(any, 1, 1)});
  EXPECT_THAT(
      Texts(*FindFixes(request_, explanation->facts, {}, universe_)),
      ElementsAre("do not ask for elastic =3.0: changes nothing",
                  "go in 2 steps: 2.0 -> 3.0: adds any 1; changes elastic 1.0 "
                  "-> 3.0; changes kibana 1 -> 2"));
}

TEST_F(ElasticTest, AnotherWayIsTakenWhereOneIsClosed) {
  // Also through 4.0, which is newer.
  edges_[2].upgrades_from->push_back("4.0");
  Ask(/*from=*/0, /*to=*/2);
  request_.downgrades = Downgrades::kAllowed;
  request_.installed[0].reachable = RankSet{{0, 1}, {3, 3}};
  const PackageId kibana = universe_.Package("kibana", 1);
  universe_.Needs(kibana, 1, {U::Of(elastic_, 1, 3)});
  request_.installed.push_back({{kibana}, 0});
  request_.keep.push_back({{U::Of(kibana, 1, 1)}});
  const auto explanation = Explain(request_, universe_);
  EXPECT_THAT(
      Texts(*FindFixes(request_, explanation->facts, {}, universe_)),
      ElementsAre("go in 2 steps: 2.0 -> 3.0: changes elastic 1.0 -> 3.0",
                  "do not ask for elastic =3.0: changes nothing"));
}

TEST_F(ElasticTest, AWayDownMustBeAllowed) {
  Ask(/*from=*/3, /*to=*/0);
  const auto explanation = Explain(request_, universe_);
  const auto fixes = FindFixes(request_, explanation->facts, {}, universe_);
  EXPECT_THAT(Texts(*fixes),
              ElementsAre("allow elastic to go down: changes elastic 4.0 -> "
                          "1.0",
                          "do not ask for elastic =1.0: changes nothing"));
}

TEST_F(ElasticTest, NoWayLeadsThroughAnotherSource) {
  Ask(/*from=*/0, /*to=*/2);
  request_.installed[0].elsewhere = {{1, 1}};
  const auto explanation = Explain(request_, universe_);
  const auto fixes = FindFixes(request_, explanation->facts, {}, universe_);
  EXPECT_THAT(Texts(*fixes),
              ElementsAre("do not ask for elastic =3.0: changes nothing"));
}

TEST(FixesTest, AFactIsBroughtToTheSmallestValueThatIsEnough) {
  SmallUniverse universe;
  const PackageId spinnaker = universe.Package("spinnaker", 2);
  const PackageId dcos =
      universe.Package("@dcos", {"1.13", "2.0", "2.1", "2.2"});
  const Alternative range = Ranged(U::Of(dcos, 3, 4), ">=2.1");
  universe.Needs(spinnaker, 1, {range});
  universe.Needs(spinnaker, 2, {range});
  Request request;
  request.items = {{{U::Of(spinnaker, 1, 2)}}};
  request.facts = {{{dcos}, 1}};
  const auto explanation = Explain(request, universe);
  EXPECT_THAT(*Sentences(explanation->facts, "dc1", universe),
              ElementsAre("you ask for spinnaker",
                          "spinnaker (every release) needs @dcos >=2.1",
                          "cluster dc1 has @dcos 2.0"));
  EXPECT_THAT(Texts(*FindFixes(request, explanation->facts, {}, universe)),
              ElementsAre("bring @dcos to 2.1: adds spinnaker 2",
                          "do not ask for spinnaker: changes nothing"));
  request.facts.clear();
  request.absent_facts = {dcos};
  const auto absent = Explain(request, universe);
  EXPECT_EQ(Sentences(absent->facts, "dc1", universe)->back(),
            "cluster dc1 has no @dcos");
  EXPECT_EQ(Texts(*FindFixes(request, absent->facts, {}, universe)).front(),
            "bring @dcos to 2.1: adds spinnaker 2");
}

TEST(FixesTest, AFeatureThatIsSwitchedOnIsAChange) {
  SmallUniverse universe;
  const PackageId web = universe.Package("web", 1);
  const PackageId app = universe.Package("app", 1);
  const PackageId no = universe.Package("no", 0);
  universe.At(web).features.push_back({"tls", {{0, 0}}});
  Alternative tls = U::Of(web, 1, 1);
  tls.features = {"tls"};
  universe.Needs(app, 1, {tls});
  Alternative nothing;
  nothing.target.name = "no";
  nothing.target.members = {{no, {}}};
  Request request;
  request.items = {{{U::Of(app, 1, 1)}}, {{nothing}}};
  request.installed = {{{web}, 0}};
  request.keep = {{{U::Of(web, 1, 1)}}};
  const auto explanation = Explain(request, universe);
  EXPECT_THAT(Texts(*FindFixes(request, explanation->facts, {}, universe)),
              ElementsAre("do not ask for no: adds app 1; changes web[tls] 1 "
                          "-> 1"));
}

TEST(FixesTest, ANameOfTheCallerIsTriedBeforeTheItemIsDropped) {
  SmallUniverse universe;
  const PackageId right = universe.Package("kafka-zookeeper", 1);
  const PackageId wrong = universe.Package("kafka-zookeper", 0);
  Alternative nothing;
  nothing.target.name = "kafka-zookeper";
  nothing.target.members = {{wrong, {}}};
  Request request;
  request.items = {{{nothing}}};
  const auto explanation = Explain(request, universe);
  const auto fixes =
      FindFixes(request, explanation->facts,
                {AskInstead(FixKind::kName, request, explanation->facts, 0,
                            {{U::Of(right, 1, 1)}}, universe)},
                universe);
  EXPECT_THAT(Texts(*fixes),
              ElementsAre("ask for kafka-zookeeper: adds kafka-zookeeper 1",
                          "do not ask for kafka-zookeper: changes nothing"));
}

TEST(FixesTest, WhatIsNotProvedWithinTheStepsIsNoFix) {
  SmallUniverse universe;
  const PackageId a = universe.Package("a", 1);
  const PackageId b = universe.Package("b", 1);
  universe.At(a).claims = {{{{0, 0}}, "port:80"}};
  universe.At(b).claims = {{{{0, 0}}, "port:80"}};
  Request request;
  request.items = {{{U::Of(a, 1, 1)}}, {{U::Of(b, 1, 1)}}};
  const auto explanation = Explain(request, universe);
  EXPECT_THAT(
      Texts(*FindFixes(request, explanation->facts, {}, universe)),
      ElementsAre("do not ask for a: adds b 1", "do not ask for b: adds a 1"));
  EXPECT_THAT(
      *FindFixes(request, explanation->facts, {}, universe, {.steps_each = 0}),
      IsEmpty());
}

TEST(FixesTest, AnEffectOfManyPartsIsCutAfterFour) {
  SmallUniverse universe;
  const PackageId app = universe.Package("app", 1);
  for (int i = 0; i < 5; ++i) {
    const PackageId part = universe.Package(absl::StrCat("part", i), 1);
    universe.Needs(app, 1, {U::Of(part, 1, 1)});
  }
  const PackageId old = universe.Package("old", 1);
  universe.At(app).conflicts = {{{{0, 0}}, U::Of(old, 1, 1).target}};
  Request request;
  request.items = {{{U::Of(app, 1, 1)}}};
  request.installed = {{{old}, 0}};
  request.keep = {{{U::Of(old, 1, 1)}}};
  const auto explanation = Explain(request, universe);
  const auto fixes = FindFixes(request, explanation->facts, {}, universe);
  ASSERT_THAT(*fixes, ::testing::SizeIs(2));
  EXPECT_EQ(fixes->back().text, "remove old");
  EXPECT_EQ(fixes->back().removed, 1u);
  EXPECT_EQ(fixes->back().added, 6u);
  EXPECT_EQ(fixes->back().effect,
            "adds app 1; adds part0 1; adds part1 1; adds part2 1; and 3 more");
}

}  // namespace
}  // namespace orrery::resolver
