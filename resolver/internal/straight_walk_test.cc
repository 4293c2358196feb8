#include "resolver/internal/straight_walk.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/testing/small_universe.h"

namespace orrery::resolver::internal {
namespace {

using ::testing::ElementsAre;

class StraightWalkTest : public ::testing::Test {
 protected:
  using U = tests::SmallUniverse;

  StraightWalkTest() { request_.items = {{{U::Of(app_, 1, 2)}}}; }

  std::optional<Answer> Run() {
    universe_.loaded.clear();
    return *StraightWalk(request_, universe_).Run();
  }
  // `app 2`, in the order of the answer; `unsatisfiable`, or `search`.
  std::vector<std::string> Chosen() {
    const std::optional<Answer> answer = Run();
    if (!answer.has_value()) return {"search"};
    if (answer->status == Status::kUnsatisfiable) return {"unsatisfiable"};
    std::vector<std::string> texts;
    for (const ChosenRelease& chosen : answer->chosen) {
      texts.push_back(
          absl::StrCat(std::string(universe_.Name(chosen.node.package)), " ",
                       chosen.rank + 1));
    }
    return texts;
  }
  // Of all releases of app.
  void AppNeeds(const std::vector<Alternative>& any_of) {
    for (const Rank release : {1, 2}) universe_.Needs(app_, release, any_of);
  }
  static Target TargetOf(PackageId package, Rank first, Rank last) {
    return U::Of(package, first, last).target;
  }

  U universe_;
  const PackageId app_ = universe_.Package("app", 2);
  const PackageId cache_ = universe_.Package("cache", 3);
  const PackageId db_ = universe_.Package("db", 3);
  Request request_;
};

TEST_F(StraightWalkTest, TakesTheNewestOfTheFirstAlternative) {
  AppNeeds({U::Of(cache_, 1, 2), U::Of(db_, 1, 3)});
  const std::optional<Answer> answer = Run();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->statistics.decisions, 2u);
  EXPECT_EQ(answer->statistics.steps, 4u);
  EXPECT_EQ(answer->statistics.loaded, 2u);
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "cache 2"));
  EXPECT_THAT(universe_.loaded, ElementsAre("app", "cache"));
  request_.oldest_first = true;
  EXPECT_THAT(Chosen(), ElementsAre("app 1", "cache 1"));
}

TEST_F(StraightWalkTest, WhatIsTakenMeetsALaterAlternative) {
  AppNeeds({U::Of(cache_, 1, 1)});
  AppNeeds({U::Of(db_, 1, 3), U::Of(cache_, 1, 2)});
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "cache 1"));
}

TEST_F(StraightWalkTest, LooksAtAllThatAReleaseNeedsBeforeItTakesAny) {
  AppNeeds({U::Of(cache_, 1, 3)});
  AppNeeds({U::Of(cache_, 1, 2)});
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "cache 2"));
}

TEST_F(StraightWalkTest, WhatConflictsIsNotTaken) {
  universe_.At(app_).conflicts = {{{{0, 1}}, TargetOf(cache_, 1, 3)},
                                  {{{0, 1}}, TargetOf(db_, 3, 3)}};
  AppNeeds({U::Of(cache_, 1, 3), U::Of(db_, 1, 3)});
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 2"));
}

TEST_F(StraightWalkTest, ABoundLetsOnlyItsReleasesBeTaken) {
  universe_.At(app_).bounds = {{{{0, 1}}, TargetOf(db_, 1, 2)}};
  EXPECT_THAT(Chosen(), ElementsAre("app 2"));
  AppNeeds({U::Of(db_, 1, 3), U::Of(cache_, 1, 3)});
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 2"));
}

TEST_F(StraightWalkTest, SlotsStandSideBySide) {
  universe_.CandidateAt(db_, 3).slot = 1;
  AppNeeds({U::Of(db_, 1, 3)});
  AppNeeds({U::Of(db_, 1, 1)});
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 1", "db 3"));
  AppNeeds({U::Of(db_, 2, 2)});
  EXPECT_THAT(Chosen(), ElementsAre("search"));
}

TEST_F(StraightWalkTest, APrereleaseIsTakenLastAndABarredReleaseNever) {
  AppNeeds({U::Of(db_, 1, 3)});
  universe_.CandidateAt(db_, 3).prerelease = true;
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 2"));
  universe_.CandidateAt(db_, 2).barred = "withdrawn";
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 1"));
  universe_.CandidateAt(db_, 1).barred = "withdrawn";
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 3"));
}

TEST_F(StraightWalkTest, WhatOnlyAnOlderReleaseAllowsTakesASearch) {
  AppNeeds({U::Of(db_, 1, 3)});
  AppNeeds({U::Of(cache_, 1, 3)});
  universe_.Needs(cache_, 3, {U::Of(db_, 1, 1)});
  EXPECT_THAT(Chosen(), ElementsAre("search"));
}

TEST_F(StraightWalkTest, ADeadEndWithoutAChoiceIsAProof) {
  request_.items = {{{U::Of(app_, 2, 2)}}, {{U::Of(db_, 1, 1)}}};
  universe_.Needs(app_, 2, {U::Of(db_, 2, 3)});
  EXPECT_THAT(Chosen(), ElementsAre("unsatisfiable"));
  EXPECT_THAT(universe_.loaded, ElementsAre("app"));
  request_.items[0] = {{U::Of(app_, 1, 2)}};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_.items = {{}};
  EXPECT_THAT(Chosen(), ElementsAre("unsatisfiable"));
}

TEST_F(StraightWalkTest, AFactMeetsAClauseWhereItStands) {
  const PackageId kind = universe_.Package("@kind", 2);
  AppNeeds({U::Of(cache_, 1, 3), U::Of(kind, 1, 1)});
  request_.facts = {{{kind}, 0}};
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "cache 3"));
  universe_.At(app_).conflicts = {{{{0, 1}}, TargetOf(cache_, 1, 3)}};
  EXPECT_THAT(Chosen(), ElementsAre("app 2"));
  request_.facts[0].rank = 1;
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_.facts.clear();
  request_.absent_facts = {kind};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_.items = {{{U::Of(kind, 1, 2)}}};
  EXPECT_THAT(Chosen(), ElementsAre("unsatisfiable"));
}

TEST_F(StraightWalkTest, AFactThatStandsFirstComesBeforeWhatIsTaken) {
  const PackageId kind = universe_.Package("@kind", 1);
  AppNeeds({U::Of(kind, 1, 1), U::Of(cache_, 1, 3)});
  request_.facts = {{{kind}, 0}};
  EXPECT_THAT(Chosen(), ElementsAre("app 2"));
}

TEST_F(StraightWalkTest, LeavesToASearchWhatItDoesNotKnow) {
  const Request bare = request_;
  request_.installed = {{{db_}, 1}};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_ = bare;
  request_.exclude = {db_};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_ = bare;
  EXPECT_THAT(Chosen(), ElementsAre("app 2"));
  universe_.At(app_).claims = {{{{0, 0}}, "a port"}};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  universe_.At(app_).claims.clear();
  Alternative own = U::Of(db_, 1, 3);
  own.own = true;
  request_.items = {{{own}}};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  Requirement conditional = {{U::Of(db_, 1, 3)}, {U::Of(cache_, 1, 3)}};
  request_.items = {conditional};
  EXPECT_THAT(Chosen(), ElementsAre("search"));
}

TEST_F(StraightWalkTest, LeavesToASearchToGiveUp) {
  AppNeeds({U::Of(db_, 1, 3)});
  request_.max_steps = 1;
  EXPECT_THAT(Chosen(), ElementsAre("search"));
  request_.max_steps = 2;
  EXPECT_THAT(Chosen(), ElementsAre("app 2", "db 3"));
  request_.is_out_of_time = [] { return true; };
  EXPECT_THAT(Chosen(), ElementsAre("search"));
}

TEST_F(StraightWalkTest, KnowsWhatItLoaded) {
  StraightWalk walk(request_, universe_);
  ASSERT_TRUE(walk.Run()->has_value());
  EXPECT_EQ(walk.RelationsOf(app_), &universe_.At(app_));
  EXPECT_EQ(walk.RelationsOf(db_), nullptr);
  universe_.broken = "app";
  EXPECT_EQ(StraightWalk(request_, universe_).Run().status().message(),
            "the disk is gone");
}

}  // namespace
}  // namespace orrery::resolver::internal
