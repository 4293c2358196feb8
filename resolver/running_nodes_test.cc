// What holds of nodes because they run: their features, the pre-releases they
// are at, and the facts they were installed on.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/check.h"
#include "resolver/explain.h"
#include "resolver/fixes.h"
#include "resolver/links.h"
#include "resolver/resolve.h"
#include "resolver/sentences.h"
#include "tests/testing/small_universe.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using U = tests::SmallUniverse;

class RunningNodesTest : public ::testing::Test {
 protected:
  // `hdfs[kerberos] 2`, each.
  std::vector<std::string> Chosen() {
    std::vector<std::string> texts;
    for (const ChosenRelease& chosen : answer_.chosen) {
      std::string text = NodeText(chosen.node, universe_);
      if (!chosen.features.empty()) {
        absl::StrAppend(&text, "[", absl::StrJoin(chosen.features, ","), "]");
      }
      texts.push_back(absl::StrCat(text, " ", chosen.rank + 1));
    }
    return texts;
  }

  std::vector<std::string> Answered() {
    answer_ = *Resolve(request_, universe_);
    return Chosen();
  }

  std::vector<std::string> Violations() {
    const auto violations = Check(request_, answer_.chosen, universe_);
    std::vector<std::string> texts;
    for (const Violation& each : *violations) {
      texts.push_back(absl::StrCat(each.rule, " ", each.node, ": ", each.text));
    }
    return texts;
  }

  U universe_;
  Request request_;
  Answer answer_;
};

// hdfs has kerberos at 1 and 2, which needs a kdc. It runs 1 with it.
class FeaturesTest : public RunningNodesTest {
 protected:
  FeaturesTest() {
    FeatureRelations kerberos{"kerberos", {{0, 1}}};
    kerberos.requirements.Add(0, {{U::Of(kdc_, 1, 1)}});
    kerberos.requirements.Add(1, {{U::Of(kdc_, 1, 1)}});
    universe_.At(hdfs_).features.push_back(kerberos);
    InstalledNode runs{{hdfs_}, 0};
    runs.features = {"kerberos"};
    request_.installed = {runs, {{kdc_}, 0}};
    request_.keep = {{{U::Of(hdfs_, 1, 3)}}};
  }

  void Ask(Rank from, Rank to) {
    request_.items = {{{U::Of(hdfs_, from, to)}}};
    request_.items[0].any_of[0].target.range = absl::StrCat(">=", from);
    request_.update = {{hdfs_}};
  }

  const PackageId hdfs_ = universe_.Package("hdfs", 3);
  const PackageId kdc_ = universe_.Package("kdc", 1);
};

TEST_F(FeaturesTest, WhatIsOnStaysOnWithWhatItNeeds) {
  EXPECT_THAT(Answered(), ElementsAre("hdfs[kerberos] 1", "kdc 1"));
  EXPECT_EQ(answer_.changed, 0u);
  EXPECT_THAT(Violations(), IsEmpty());
  request_.remove = {{kdc_}};
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
}

TEST_F(FeaturesTest, StaysOnAcrossReleasesThatHaveIt) {
  Ask(2, 2);
  EXPECT_THAT(Answered(), ElementsAre("hdfs[kerberos] 2", "kdc 1"));
}

TEST_F(FeaturesTest, ReleaseWithoutItIsNotForTheNode) {
  Ask(1, 3);
  EXPECT_THAT(Answered(), ElementsAre("hdfs[kerberos] 2", "kdc 1"));
  Ask(3, 3);
  ASSERT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
  const auto explanation = Explain(request_, universe_);
  const auto sentences = Sentences(explanation->facts, "c", universe_);
  EXPECT_THAT(*sentences,
              ElementsAre("you ask for hdfs >=3",
                          "hdfs[kerberos] 1 is installed and stays"));
  const auto fixes = FindFixes(request_, explanation->facts, {}, universe_, {});
  ASSERT_THAT(fixes, IsOk());
  ASSERT_FALSE(fixes->empty());
  for (const Fix& fix : *fixes) {
    // Not to ask is all there is: who removes it does not get it.
    EXPECT_EQ(fix.text, "do not ask for hdfs >=3");
  }
}

TEST_F(FeaturesTest, WhatItRunsLacksIsNotDemanded) {
  request_.installed[0].rank = 2;
  EXPECT_THAT(Answered(), ElementsAre("hdfs 3", "kdc 1"));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(FeaturesTest, StaysOnAlsoWhereRemovalIsAllowed) {
  request_.keep.clear();
  Ask(1, 2);
  EXPECT_THAT(Answered(), ElementsAre("hdfs[kerberos] 2", "kdc 1"));
}

TEST_F(FeaturesTest, CheckMissesWhatWasOnAndWhatNobodyAsksFor) {
  answer_.chosen = {{{hdfs_}, 0}, {{kdc_}, 0}};
  EXPECT_THAT(Violations(),
              ElementsAre("R4 hdfs: its feature kerberos stays on"));
  request_.installed[0].features.clear();
  answer_.chosen = {{{hdfs_}, 0, {"kerberos"}}, {{kdc_}, 0}};
  EXPECT_THAT(Violations(),
              ElementsAre("tight hdfs: nothing asks for its feature kerberos"));
}

// zk has 1, 2 and the pre-releases 3 and 4; ranges let those in only where they
// run. zk@old runs 3.
class PrereleaseTest : public RunningNodesTest {
 protected:
  PrereleaseTest() {
    request_.installed = {{{zk_, "old"}, 2}};
    Alternative old = Any();
    old.instance = "old";
    request_.keep = {{{old}}};
  }

  Alternative Any() const {
    Alternative any = U::Of(zk_, 1, 2);
    any.target.name = "zk";
    any.target.members[0].if_running = {{2, 3}};
    return any;
  }

  const PackageId zk_ = universe_.Package("zk", 4);
  const PackageId app_ = universe_.Package("app", 1);
};

TEST_F(PrereleaseTest, ServiceThatRunsItMeetsTheRange) {
  universe_.Needs(app_, 1, {Any()});
  request_.items = {{{U::Of(app_, 1, 1)}}};
  EXPECT_THAT(Answered(), ElementsAre("app 1", "zk@old 3"));
  EXPECT_THAT(Violations(), IsEmpty());
  const auto links = LinksOf(request_, answer_.chosen, universe_);
  EXPECT_EQ(links->back().provider, (Node{zk_, "old"}));
}

TEST_F(PrereleaseTest, OtherServicesDoNotGetIt) {
  Alternative other = Any();
  other.instance = "new";
  request_.items = {{{other}}};
  EXPECT_THAT(Answered(), ElementsAre("zk@new 2", "zk@old 3"));
  answer_.chosen = {{{zk_, "new"}, 2}, {{zk_, "old"}, 2}};
  EXPECT_THAT(Violations(), ElementsAre("R10 : zk *", testing::_));
}

TEST_F(PrereleaseTest, ConflictAndBoundSeeIt) {
  request_.items = {{{U::Of(app_, 1, 1)}}};
  universe_.At(app_).bounds = {{{{0, 0}}, Any().target}};
  EXPECT_THAT(Answered(), ElementsAre("app 1", "zk@old 3"));
  universe_.At(app_).bounds.clear();
  universe_.At(app_).conflicts = {{{{0, 0}}, Any().target}};
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
}

TEST_F(RunningNodesTest, FactThatIsRecordedMeetsARequirementLikeTheFirst) {
  const PackageId app = universe_.Package("app", 1);
  const PackageId db = universe_.Package("db", 1);
  const PackageId kind = universe_.Package("@kind", 1);
  universe_.Needs(app, 1, {U::Of(db, 1, 1), U::Of(kind, 1, 1)});
  request_.facts = {{{kind}, 0}};
  request_.installed = {{{app}, 0}};
  request_.keep = {{{U::Of(app, 1, 1)}}};
  EXPECT_THAT(Answered(), ElementsAre("app 1", "db 1"));
  request_.installed[0].bindings = {{kind}};
  EXPECT_THAT(Answered(), ElementsAre("app 1"));
  EXPECT_THAT(Violations(), IsEmpty());
  // A service that meets it too does not take over.
  request_.items = {{{U::Of(db, 1, 1)}}};
  EXPECT_THAT(Answered(), ElementsAre("app 1", "db 1"));
  const auto links = LinksOf(request_, answer_.chosen, universe_);
  EXPECT_EQ(links->back().provider, Node{kind});
}

}  // namespace
}  // namespace orrery::resolver
