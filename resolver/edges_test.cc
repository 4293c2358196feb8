#include "resolver/edges.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Labels = std::vector<std::string>;

// The elastic of resolver.md §8.3.
class EdgesTest : public ::testing::Test {
 protected:
  RankSet From(Rank from, Downgrades downgrades = Downgrades::kAllowed) {
    return ReachableRanks(candidates_, edges_, from, downgrades);
  }

  std::vector<Candidate> candidates_ = {{"1.0"}, {"2.0"}, {"3.0"}, {"4.0"}};
  std::vector<ReleaseEdges> edges_ = {
      {},
      {Labels{"1.0"}, Labels{"1.0"}},
      {Labels{"2.0"}, {}},
      {Labels{"*"}, Labels{"*"}},
  };
};

TEST_F(EdgesTest, UpgradesAndDowngradesOfTheExample) {
  EXPECT_EQ(From(0), (RankSet{{0, 1}, {3, 3}}));
  EXPECT_EQ(From(1), RankSet::All(4));
  EXPECT_EQ(From(2), (RankSet{{2, 3}}));
  EXPECT_EQ(From(3), RankSet::All(4));
}

TEST_F(EdgesTest, WithoutDowngradesNothingOlderIsReached) {
  EXPECT_EQ(From(1, Downgrades::kNever), (RankSet{{1, 3}}));
  EXPECT_EQ(From(3, Downgrades::kNever), (RankSet{{3, 3}}));
}

TEST_F(EdgesTest, APackageWithoutEdgesGoesEverywhere) {
  edges_.assign(4, {});
  EXPECT_EQ(From(2), RankSet::All(4));
  edges_[0].upgrades_from = Labels{};
  EXPECT_EQ(From(2), (RankSet{{2, 2}}));
}

TEST_F(EdgesTest, EmptyAndUnknownLabelsMatchNothing) {
  edges_[3].upgrades_from = Labels{"", "9.9"};
  EXPECT_EQ(From(2), (RankSet{{2, 2}}));
}

TEST_F(EdgesTest, ThePathIsTheShortest) {
  const auto path = [this](Rank from, Rank to, Downgrades downgrades) {
    return PathOfEdges(candidates_, edges_, from, to, downgrades);
  };
  EXPECT_THAT(path(0, 2, Downgrades::kNever), ElementsAre(1, 2));
  EXPECT_THAT(path(0, 3, Downgrades::kNever), ElementsAre(3));
  EXPECT_THAT(path(2, 2, Downgrades::kNever), IsEmpty());
  // Of two ways of one length that over the newer release.
  EXPECT_THAT(path(0, 2, Downgrades::kAllowed), ElementsAre(3, 2));
  EXPECT_THAT(path(2, 0, Downgrades::kNever), IsEmpty());
}

}  // namespace
}  // namespace orrery::resolver
