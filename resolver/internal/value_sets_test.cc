#include "resolver/internal/value_sets.h"

#include <span>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/rank_set.h"

namespace orrery::resolver::internal {
namespace {

using ::testing::ElementsAre;

TEST(WindowTest, RanksCountFromItsFirst) {
  const Window window{.first = 10, .absent = 5};
  EXPECT_EQ(window.ValuesOf({11, 13}), (RankInterval{1, 3}));
  EXPECT_EQ(window.ValuesOf({3, 10}), (RankInterval{0, 0}));
  EXPECT_EQ(window.ValuesOf({14, 40}), (RankInterval{4, 4}));
  for (const RankInterval outside :
       {RankInterval{0, 9}, RankInterval{15, 20}}) {
    const RankInterval none = window.ValuesOf(outside);
    EXPECT_GT(none.first, none.last);
  }
  EXPECT_TRUE(window.Contains(14));
  EXPECT_FALSE(window.Contains(9));
  EXPECT_FALSE(window.Contains(15));
}

TEST(WindowTest, ARowMeetsTheRanksThatItsValuesStandFor) {
  const Window window{.first = 10, .absent = 5};
  const Row row = RowOf({{0, 11}, {14, 14}}, window);
  EXPECT_THAT(row, ElementsAre(Word{0b10011}));
  EXPECT_TRUE(MeetsRanks(row.data(), {{11, 13}}, window));
  EXPECT_FALSE(MeetsRanks(row.data(), {{12, 13}}, window));
  EXPECT_FALSE(MeetsRanks(row.data(), {{0, 9}, {15, 99}}, window));
}

class AddedSetsTest : public ::testing::Test {
 protected:
  std::vector<Word> WordsOf(SetId set, const Window& window) const {
    const Word* words = sets_.words(set);
    return {words, words + window.width()};
  }

  ValueSets sets_;
};

TEST_F(AddedSetsTest, OfOneWordAreTheRanksOrAllOtherValues) {
  const Window window{.first = 4, .absent = 7};
  const SetId within = sets_.InternWord(0b11101111);
  EXPECT_THAT(
      WordsOf(sets_.AddRanksOf(within, {{0, 5}, {7, 9}}, window), window),
      ElementsAre(Word{0b00101011}));
  EXPECT_THAT(WordsOf(sets_.AddOthers(within, {5, 9}, window), window),
              ElementsAre(Word{0b11000001}));
}

TEST_F(AddedSetsTest, OfMoreWordsAreTheSame) {
  const Window window{.first = 100, .absent = 130};
  Row values = RowUpTo(window.absent);
  RemoveValue(values.data(), 64);
  const SetId within = sets_.Intern(values);
  const SetId run = sets_.AddRanksOf(within, {{163, 165}}, window);
  EXPECT_THAT(WordsOf(run, window),
              ElementsAre(Word{1} << 63, Word{0b10}, Word{0}));
  EXPECT_THAT(
      WordsOf(sets_.AddRanksOf(within, {{0, 100}, {229, 400}}, window), window),
      ElementsAre(Word{1}, Word{0}, Word{0b10}));
  EXPECT_THAT(WordsOf(sets_.AddOthers(within, {101, 227}, window), window),
              ElementsAre(Word{1}, Word{0}, Word{0b111}));
  EXPECT_EQ(sets_.AddRanksOf(within, {{163, 165}}, window), run);
  EXPECT_THAT(WordsOf(sets_.AddRanksOf(within, {{0, 99}}, window), window),
              ElementsAre(Word{0}, Word{0}, Word{0}));
}

TEST_F(AddedSetsTest, AreOfTheSetThatTheyAreMadeOf) {
  const Window window{.absent = 70};
  const SetId all = sets_.Intern(RowUpTo(window.absent));
  const SetId few = sets_.Intern(RowOf({{0, 2}}, window));
  EXPECT_THAT(WordsOf(sets_.AddRanksOf(all, {{1, 5}}, window), window),
              ElementsAre(Word{0b111110}, Word{0}));
  EXPECT_THAT(WordsOf(sets_.AddRanksOf(few, {{1, 5}}, window), window),
              ElementsAre(Word{0b110}, Word{0}));
  EXPECT_THAT(WordsOf(sets_.AddOthers(few, {1, 5}, window), window),
              ElementsAre(Word{1}, Word{0}));
}

}  // namespace
}  // namespace orrery::resolver::internal
