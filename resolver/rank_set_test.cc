#include "resolver/rank_set.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;

TEST(RankSetTest, NeighboursAndOverlapsBecomeOneInterval) {
  const RankSet set{{4, 6}, {0, 1}, {2, 2}, {5, 9}};
  EXPECT_THAT(set.intervals(),
              ElementsAre(RankInterval{0, 2}, RankInterval{4, 9}));
  EXPECT_EQ(set.size(), 9u);
}

TEST(RankSetTest, ContainsTheEndsOfItsIntervals) {
  const RankSet set{{1, 2}, {5, 5}};
  for (const Rank rank : {1u, 2u, 5u}) EXPECT_TRUE(set.Contains(rank));
  for (const Rank rank : {0u, 3u, 4u, 6u}) EXPECT_FALSE(set.Contains(rank));
  EXPECT_FALSE(RankSet().Contains(0));
}

TEST(RankSetTest, AppendGrowsTheLastInterval) {
  RankSet set;
  for (const Rank rank : {1u, 2u, 2u, 4u}) set.Append(rank);
  EXPECT_EQ(set, (RankSet{{1, 2}, {4, 4}}));
}

TEST(RankSetTest, ComplementIsWithinThePackage) {
  EXPECT_EQ((RankSet{{1, 2}, {4, 4}}.Complement(6)),
            (RankSet{{0, 0}, {3, 3}, {5, 5}}));
  EXPECT_EQ(RankSet().Complement(3), RankSet::All(3));
  EXPECT_TRUE(RankSet::All(3).Complement(3).empty());
  EXPECT_TRUE(RankSet::All(0).empty());
}

}  // namespace
}  // namespace orrery::resolver
