#include "resolver/range_ranks.h"

#include <initializer_list>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

// Release numbers are 10, 20, 30, …
std::vector<RangedRelease> Releases(std::initializer_list<const char*> labels) {
  std::vector<RangedRelease> releases;
  for (const char* label : labels) {
    releases.push_back({*Version::Parse(label), 10 * (releases.size() + 1)});
  }
  return releases;
}

VersionRange Range(const char* text) { return *VersionRange::Parse(text); }

TEST(RangeRanksTest, RanksNeedNotBeContiguous) {
  const auto kibana =
      Releases({"4.5.3", "5.0.0", "2.0.0-5.5.1", "2.0.1-5.5.1", "5.1.0"});
  EXPECT_EQ(RanksIn(Range(">=4"), kibana), (RankSet{{0, 1}, {4, 4}}));
  EXPECT_EQ(RanksIn(Range("release>=30"), kibana), (RankSet{{2, 4}}));
}

TEST(RangeRanksTest, PrereleasesStayOutUnlessTheyAreNamedOrAllowed) {
  const auto mixed = Releases({"0.9.0", "1.0.0-rc1"});
  EXPECT_EQ(RanksIn(VersionRange(), mixed), (RankSet{{0, 0}}));
  EXPECT_TRUE(RanksIn(Range(">0.9"), mixed).empty());
  EXPECT_EQ(RanksIn(Range(">0.9"), mixed, /*allow_prereleases=*/true),
            (RankSet{{1, 1}}));
  EXPECT_EQ(RanksIn(Range(">=1.0.0-rc1"), mixed), (RankSet{{1, 1}}));
  EXPECT_EQ(RanksIn(Range("release=20"), mixed), (RankSet{{1, 1}}));
}

TEST(RangeRanksTest, APackageOfPrereleasesHasNoGate) {
  auto pony = Releases({"1.0.0-rc1", "1.0.0-rc2", "1.0.0"});
  EXPECT_EQ(RanksIn(VersionRange(), pony), (RankSet{{2, 2}}));
  pony[2].is_barred = true;
  EXPECT_EQ(RanksIn(VersionRange(), pony), RankSet::All(3));
}

TEST(RangeRanksTest, WhatRunsIsInsideItsRange) {
  const auto mixed = Releases({"0.9.0", "1.0.0-rc1", "1.0.0-rc2"});
  EXPECT_EQ(RanksIn(VersionRange(), mixed, false, Rank{1}), (RankSet{{0, 1}}));
}

}  // namespace
}  // namespace orrery::resolver
