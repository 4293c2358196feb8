#include "resolver/spelling.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SpellingTest, EachKindOfTypingErrorCostsOne) {
  EXPECT_EQ(EditDistance("kafka", "kafka", 2), 0);
  EXPECT_EQ(EditDistance("kafka", "kafa", 2), 1);
  EXPECT_EQ(EditDistance("kafka", "kaffka", 2), 1);
  EXPECT_EQ(EditDistance("kafka", "kofka", 2), 1);
  EXPECT_EQ(EditDistance("kafka", "kakfa", 2), 1);
  EXPECT_EQ(EditDistance("", "ab", 2), 2);
}

TEST(SpellingTest, DistanceAboveTheLimitIsLimitPlusOne) {
  EXPECT_EQ(EditDistance("kafka", "spark", 2), 3);
  EXPECT_EQ(EditDistance("a", "abcdefgh", 2), 3);
}

TEST(SpellingTest, NearestFirstThenByName) {
  const std::vector<std::string> known = {"marathon", "kibana", "hadoop",
                                          "marathon-lb", "marathom"};
  EXPECT_THAT(NearestWords("Marathn", known),
              ElementsAre("marathon", "marathom"));
}

TEST(SpellingTest, ShortWordsGetOneErrorOnly) {
  const std::vector<std::string> known = {"hue", "etcd"};
  EXPECT_THAT(NearestWords("hux", known), ElementsAre("hue"));
  EXPECT_THAT(NearestWords("xyz", known), IsEmpty());
}

}  // namespace
}  // namespace orrery::resolver
