#include "resolver/internal/value_order.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"

#include "resolver/internal/value_sets.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver::internal {
namespace {

using Rest = ValueOrder::Rest;

// Releases of ranks 0 to 7, of which 4 and 5 are pre-releases; a place for
// those from 2 to 5.
class ValueOrderTest : public ::testing::Test {
 protected:
  ValueOrderTest() {
    candidates_[4].prerelease = true;
    candidates_[5].prerelease = true;
  }

  // As a rank, or kNoValue.
  Value Best(const RankSet& left, std::optional<Rank> first, Rest rest) const {
    Row row = RowOf(left, window_);
    AddValue(row.data(), window_.absent);
    const ValueOrder order(candidates_, /*has_prereleases=*/true, first, rest);
    const Value best = order.Best(row.data(), window_);
    return best == kNoValue ? kNoValue : window_.first + best;
  }

  std::vector<Candidate> candidates_ = std::vector<Candidate>(8);
  const Window window_{.first = 2, .absent = 4};
};

TEST_F(ValueOrderTest, PrereleasesComeLast) {
  EXPECT_EQ(Best({{2, 5}}, std::nullopt, Rest::kNewestFirst), 3u);
  EXPECT_EQ(Best({{4, 5}}, std::nullopt, Rest::kNewestFirst), 5u);
  EXPECT_EQ(Best({{3, 5}}, std::nullopt, Rest::kOldestFirst), 3u);
  EXPECT_EQ(Best({{4, 5}}, std::nullopt, Rest::kOldestFirst), 4u);
}

TEST_F(ValueOrderTest, AbsentIsNoRelease) {
  for (const Rest rest :
       {Rest::kNewestFirst, Rest::kOldestFirst, Rest::kNearestFirst}) {
    EXPECT_EQ(Best({}, 3, rest), kNoValue);
  }
}

TEST_F(ValueOrderTest, TheFirstComesBeforeAllIfThePlaceIsForIt) {
  EXPECT_EQ(Best({{2, 5}}, 4, Rest::kNewestFirst), 4u);
  EXPECT_EQ(Best({{2, 3}}, 4, Rest::kNewestFirst), 3u);
  EXPECT_EQ(Best({{2, 5}}, 0, Rest::kNewestFirst), 3u);
  EXPECT_EQ(Best({{2, 5}}, 7, Rest::kOldestFirst), 2u);
}

TEST_F(ValueOrderTest, TheNearestNewerOneComesBeforeOlderOnes) {
  EXPECT_EQ(Best({{2, 2}, {4, 5}}, 3, Rest::kNearestFirst), 4u);
  EXPECT_EQ(Best({{2, 2}}, 3, Rest::kNearestFirst), 2u);
  EXPECT_EQ(Best({{2, 5}}, 1, Rest::kNearestFirst), 2u);
  EXPECT_EQ(Best({{2, 5}}, 7, Rest::kNearestFirst), 5u);
}

}  // namespace
}  // namespace orrery::resolver::internal
