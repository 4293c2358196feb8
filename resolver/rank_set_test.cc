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

TEST(RankSetTest, IntersectionHasWhatBothHave) {
  const RankSet a{{1, 4}, {6, 6}, {8, 9}};
  const RankSet b{{0, 1}, {3, 8}};
  EXPECT_EQ(Intersection(a, b), (RankSet{{1, 1}, {3, 4}, {6, 6}, {8, 8}}));
  EXPECT_EQ(Intersection(b, a), Intersection(a, b));
  EXPECT_TRUE(Intersection(a, {{5, 5}}).empty());
  EXPECT_TRUE(Intersection(a, {}).empty());
}

}  // namespace
}  // namespace orrery::resolver
