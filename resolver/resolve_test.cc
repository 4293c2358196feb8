#include "resolver/resolve.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/explain.h"
#include "tests/testing/small_universe.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::SmallUniverse;

// `app 2`, in the order of the answer.
std::vector<std::string> Chosen(const Answer& answer, SmallUniverse* universe) {
  std::vector<std::string> texts;
  for (const ChosenRelease& chosen : answer.chosen) {
    std::string text(universe->Name(chosen.node.package));
    if (!chosen.node.instance.empty()) {
      absl::StrAppend(&text, "@", chosen.node.instance);
    }
    texts.push_back(absl::StrCat(text, " ", chosen.rank + 1));
  }
  return texts;
}

// The worked example of docs/solver.md.
class WorkedExampleTest : public ::testing::Test {
 protected:
  using U = SmallUniverse;

  WorkedExampleTest() {
    universe_.Needs(app_, 2, {U::Of(cache_, 1, 2), U::Of(redis_, 1, 1)});
    universe_.Needs(app_, 2, {U::Of(db_, 2, 3)});
    universe_.Needs(cache_, 2, {U::Of(db_, 1, 1)});
    universe_.Needs(cache_, 1, {U::Of(db_, 1, 2)});
    request_.items = {{{U::Of(app_, 2, 2)}}};
  }

  SmallUniverse universe_;
  const PackageId app_ = universe_.Package("app", 2);
  const PackageId cache_ = universe_.Package("cache", 2);
  const PackageId redis_ = universe_.Package("redis", 1);
  const PackageId db_ = universe_.Package("db", 3);
  Request request_;
};

TEST_F(WorkedExampleTest, AnOldReleaseOfTheFirstAlternativeWins) {
  const auto answer = Resolve(request_, universe_);
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(Chosen(*answer, &universe_),
              ElementsAre("app 2", "cache 1", "db 2"));
  EXPECT_EQ(answer->statistics.conflicts, 1u);
}

TEST_F(WorkedExampleTest, WhatIsNotReachedIsNotLoaded) {
  ASSERT_THAT(Resolve(request_, universe_), IsOk());
  EXPECT_THAT(universe_.loaded,
              ::testing::UnorderedElementsAre("app", "cache", "db"));
}

TEST_F(WorkedExampleTest, AnExcludedPackageGivesWayToTheNextAlternative) {
  request_.exclude = {cache_};
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 2", "db 3", "redis 1"));
}

TEST_F(WorkedExampleTest, TheFirstErrorOfTheSourceIsReturned) {
  universe_.broken = "db";
  EXPECT_THAT(Resolve(request_, universe_),
              StatusIs(absl::StatusCode::kUnavailable, "the disk is gone"));
}

TEST_F(WorkedExampleTest, WithoutStepsItGivesUpAndSaysSo) {
  request_.max_steps = 1;
  const auto answer = Resolve(request_, universe_);
  EXPECT_EQ(answer->status, Status::kGaveUp);
  EXPECT_EQ(answer->unfinished, Stage::kSolution);
  EXPECT_EQ(answer->limit, Limit::kSteps);
  EXPECT_THAT(answer->chosen, IsEmpty());
}

TEST_F(WorkedExampleTest, OutOfTimeItGivesUpAndSaysSo) {
  request_.is_out_of_time = [] { return true; };
  const auto answer = Resolve(request_, universe_);
  EXPECT_EQ(answer->status, Status::kGaveUp);
  EXPECT_EQ(answer->limit, Limit::kTime);
  EXPECT_THAT(answer->chosen, IsEmpty());
  request_.is_out_of_time = [] { return false; };
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kSolved);
}

TEST_F(WorkedExampleTest, OneChangeIsBetterThanANewerRequest) {
  // As example 4 of resolver.md §9.6: zookeeper is `db`, kafka is `app`.
  SmallUniverse universe;
  const PackageId kafka = universe.Package("kafka", 2);
  const PackageId zookeeper = universe.Package("zookeeper", 2);
  universe.Needs(kafka, 1, {U::Of(zookeeper, 1, 2)});
  universe.Needs(kafka, 2, {U::Of(zookeeper, 2, 2)});
  Request request;
  Alternative test = U::Of(kafka, 2, 2);
  test.instance = "test";
  Alternative prod = U::Of(kafka, 1, 2);
  prod.instance = "prod";
  request.items = {{{test}}};
  request.installed = {{{kafka, "prod"}, 0}, {{zookeeper}, 0}};
  request.keep = {{{prod}}, {{U::Of(zookeeper, 1, 2)}}};
  const auto answer = Resolve(request, universe);
  EXPECT_THAT(Chosen(*answer, &universe),
              ElementsAre("kafka@prod 1", "kafka@test 2", "zookeeper 2"));
  EXPECT_EQ(answer->removed, 0u);
  EXPECT_EQ(answer->changed, 1u);
}

TEST_F(WorkedExampleTest, WhatRunsGoesOnlyWhereEdgesLead) {
  request_.installed = {{{db_}, 2}};
  request_.keep = {{{U::Of(db_, 1, 3)}}};
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 2", "db 3", "redis 1"));
  request_.exclude = {redis_};
  EXPECT_EQ(Resolve(request_, universe_)->changed, 1u);
  request_.installed[0].reachable = RankSet{{2, 2}};
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
  const auto explanation = Explain(request_, universe_);
  EXPECT_EQ(explanation->facts.back().kind, Fact::Kind::kEdge);
  EXPECT_EQ(explanation->facts.back().text, "3");
}

TEST_F(WorkedExampleTest, AnOwnInstanceIsForItsConsumerAlone) {
  Alternative own = U::Of(redis_, 1, 1);
  own.own = true;
  universe_.Needs(db_, 2, {own});
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 2", "cache 1", "db 2", "redis@db-redis 1"));
}

TEST_F(WorkedExampleTest, ACycleIsLegal) {
  universe_.Needs(db_, 2, {U::Of(app_, 1, 2)});
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kSolved);
}

TEST_F(WorkedExampleTest, AContradictionIsExplainedByFactsThatAllMatter) {
  request_.exclude = {redis_};
  request_.locked = {{{db_}, 2}};
  ASSERT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
  const auto explanation = Explain(request_, universe_);
  ASSERT_THAT(explanation, IsOk());
  std::vector<Fact::Kind> kinds;
  for (const Fact& fact : explanation->facts) kinds.push_back(fact.kind);
  EXPECT_THAT(kinds, ElementsAre(Fact::Kind::kRequest, Fact::Kind::kNeeds,
                                 Fact::Kind::kNeeds, Fact::Kind::kExcluded,
                                 Fact::Kind::kLocked));
  EXPECT_TRUE(explanation->reduced);
}

// Of as many releases, of which the oldest alone fits.
uint64_t ConflictsAmong(uint32_t releases) {
  SmallUniverse universe;
  const PackageId app = universe.Package("app", releases);
  const PackageId db = universe.Package("db", releases);
  for (uint32_t i = 1; i <= releases; ++i) {
    universe.Needs(app, i, {SmallUniverse::Of(db, i, i)});
  }
  Request request;
  request.items = {{{SmallUniverse::Of(app, 1, releases)}},
                   {{SmallUniverse::Of(db, 1, 1)}}};
  const auto answer = Resolve(request, universe);
  EXPECT_THAT(Chosen(*answer, &universe), ElementsAre("app 1", "db 1"));
  return answer->statistics.conflicts;
}

TEST(LookAheadTest, ComesWithAnEighthAsManyConflictsAsThereAreClauses) {
  EXPECT_EQ(ConflictsAmong(10), 9u);
  EXPECT_EQ(ConflictsAmong(100), 16u);
  EXPECT_EQ(ConflictsAmong(400), 50u);
}

// Releases 1, 2 and 4 of db are of one slot, 3 and 5 of another.
class SlotsTest : public ::testing::Test {
 protected:
  using U = SmallUniverse;

  SlotsTest() {
    for (const Rank release : {3, 5})
      universe_.CandidateAt(db_, release).slot = 1;
    universe_.Needs(app_, 1, {U::Of(db_, 1, 2)});
    universe_.Needs(tool_, 1, {U::Of(db_, 3, 4)});
    request_.items = {{{U::Of(app_, 1, 1)}}, {{U::Of(tool_, 1, 1)}}};
    // So it is not walked.
    request_.exclude = {other_};
  }

  SmallUniverse universe_;
  const PackageId app_ = universe_.Package("app", 1);
  const PackageId tool_ = universe_.Package("tool", 1);
  const PackageId db_ = universe_.Package("db", 5);
  const PackageId other_ = universe_.Package("other", 1);
  Request request_;
};

TEST_F(SlotsTest, HaveOneReleaseEach) {
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 1", "db 2", "db 3", "tool 1"));
}

TEST_F(SlotsTest, AReleaseMayConflictWithOneOfAnotherSlot) {
  Target third;
  third.members = {{db_, {{2, 2}}}};
  universe_.At(db_).conflicts = {{{{1, 2}}, third}};
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 1", "db 1", "db 3", "tool 1"));
}

TEST_F(SlotsTest, ABoundIsOnAll) {
  Target odd;
  odd.members = {{db_, {{0, 0}, {2, 2}, {4, 4}}}};
  universe_.At(tool_).bounds = {{{{0, 0}}, odd}};
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 1", "db 1", "db 3", "tool 1"));
}

TEST_F(SlotsTest, EachReleaseHasItsOwnNeeds) {
  universe_.Needs(db_, 2, {U::Of(other_, 1, 1)});
  universe_.Needs(db_, 3, {U::Of(db_, 1, 2)});
  EXPECT_THAT(Chosen(*Resolve(request_, universe_), &universe_),
              ElementsAre("app 1", "db 1", "db 3", "tool 1"));
  universe_.Needs(db_, 3, {U::Of(other_, 1, 1)});
  EXPECT_EQ(Resolve(request_, universe_)->status, Status::kUnsatisfiable);
}

}  // namespace
}  // namespace orrery::resolver
