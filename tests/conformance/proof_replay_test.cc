// Every step of every proof, recomputed (resolver.md §16 row 6).

#include "resolver/internal/proof_replay.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/internal/search.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"
#include "tests/conformance/problem_files.h"
#include "tests/conformance/random_problem.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"
#include "tests/testing/small_universe.h"

namespace orrery::tests {
namespace {

using resolver::internal::Agenda;
using resolver::internal::kNoLeaf;
using resolver::internal::Place;
using resolver::internal::Propagation;
using resolver::internal::Replay;
using resolver::internal::RowOfValue;
using resolver::internal::RowUpTo;
using resolver::internal::Search;
using resolver::internal::Terms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// Of the run that says whether there is a solution; without steps if there is.
Replay ReplayOf(const resolver::Request& request,
                resolver::MetadataSource& source) {
  Search search(request, source);
  EXPECT_TRUE(search.Begin().ok());
  const auto outcome =
      search.Run(request.installed.empty() ? Agenda::Order::kCanonical
                                           : Agenda::Order::kKeepFirst,
                 /*least_change=*/false);
  EXPECT_TRUE(outcome.ok());
  if (*outcome != Search::Outcome::kNoModel) return {};
  Replay replay = ReplayProof(search.proof(), search.propagation());
  // The contradiction itself.
  ++replay.steps;
  return replay;
}

// How many of the problems have no solution.
size_t ReplayAll(const std::vector<std::string>& paths) {
  size_t unsatisfiable = 0;
  CaseFiles files;
  for (const std::string& path : paths) {
    const auto read =
        files.Visit(path, [&](const auto& problem, auto* universe) {
          const Replay replay = ReplayOf(
              universe->ReadRequest(*problem.Find("request")), *universe);
          EXPECT_THAT(replay.faults, IsEmpty()) << problem.FindString("id");
          unsatisfiable += replay.steps > 0 ? 1 : 0;
        });
    EXPECT_TRUE(read.ok()) << read;
  }
  return unsatisfiable;
}

class ReplayedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("ORRERY_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
  }
};

TEST_F(ReplayedFilesTest, EveryStepOfTheCasesFollows) {
  EXPECT_EQ(ReplayAll(CasePaths()), 79u);
}

TEST_F(ReplayedFilesTest, EveryStepOfTheLargeRequestsFollows) {
  EXPECT_EQ(ReplayAll(LargePaths()), 6u + 6u + 2u + 48u);
}

TEST_F(ReplayedFilesTest, EveryStepOfTheSmallSuiteFollows) {
  EXPECT_EQ(ReplayAll(SmallSuitePaths()), 10u);
}

TEST(ProofReplayTest, EveryStepOfRandomProofsFollows) {
  constexpr uint32_t kProblems = 10'000;
  uint32_t unsatisfiable = 0;
  for (uint32_t seed = 1; seed <= kProblems; ++seed) {
    RandomProblem problem(seed);
    const Replay replay = ReplayOf(problem.request(), problem);
    ASSERT_THAT(replay.faults, IsEmpty()) << seed;
    unsatisfiable += replay.steps > 0 ? 1 : 0;
  }
  EXPECT_GT(unsatisfiable, kProblems / 10);
}

TEST(ProofReplayTest, LearnedNogoodThatDoesNotFollowIsAFault) {
  Propagation propagation;
  const Place place = propagation.AddPlace(RowUpTo(1), 1, {});
  const auto at = [&](uint32_t value) {
    return Terms{{place, propagation.sets().Intern(RowOfValue(value, 1))}};
  };
  propagation.AddGiven(at(0), kNoLeaf);
  const std::vector<int32_t> parents = {0};
  propagation.AddLearned(at(1), parents);
  const std::vector<int32_t> proof = {0, 1};
  EXPECT_THAT(ReplayProof(proof, propagation).faults,
              ElementsAre("nogood 1 does not follow"));
}

// A pigeon more than there are holes, each in one of them.
class PigeonsTest : public ::testing::Test {
 protected:
  void Ask(uint32_t holes) {
    const uint32_t pigeons = holes + 1;
    std::vector<resolver::PackageId> hole;
    for (uint32_t i = 0; i < holes; ++i) {
      hole.push_back(universe_.Package(absl::StrCat("hole ", i), pigeons));
    }
    for (uint32_t pigeon = 1; pigeon <= pigeons; ++pigeon) {
      const auto package =
          universe_.Package(absl::StrCat("pigeon ", pigeon), holes);
      request_.items.push_back({{SmallUniverse::Of(package, 1, holes)}});
      for (uint32_t i = 0; i < holes; ++i) {
        universe_.Needs(package, i + 1,
                        {SmallUniverse::Of(hole[i], pigeon, pigeon)});
      }
    }
  }

  SmallUniverse universe_;
  resolver::Request request_;
};

TEST_F(PigeonsTest, EveryStepOfALongProofFollows) {
  Ask(9);
  const Replay replay = ReplayOf(request_, universe_);
  EXPECT_THAT(replay.faults, IsEmpty());
  EXPECT_GT(replay.steps, 1000u);
}

TEST_F(PigeonsTest, ProofWithoutOneOfItsParentsHasAFault) {
  Ask(3);
  Search search(request_, universe_);
  ASSERT_TRUE(search.Begin().ok());
  const auto outcome =
      search.Run(Agenda::Order::kCanonical, /*least_change=*/false);
  ASSERT_EQ(*outcome, Search::Outcome::kNoModel);
  const auto proof = search.proof();
  EXPECT_THAT(ReplayProof(proof, search.propagation()).faults, IsEmpty());
  EXPECT_THAT(ReplayProof(proof.subspan(1), search.propagation()).faults,
              Not(IsEmpty()));
}

}  // namespace
}  // namespace orrery::tests
