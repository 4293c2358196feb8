#include "server/api/path_template.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using ::testing::Pair;

TEST(PathTemplateTest, VariablesAreWholeDecodedSegments) {
  const PathTemplate path("/v1/packages/{package}/releases/{release}");
  EXPECT_THAT(path.variables(), ElementsAre("package", "release"));
  EXPECT_THAT(
      path.Match("/v1/packages/kafka/releases/12"),
      Optional(ElementsAre(Pair("package", "kafka"), Pair("release", "12"))));
  EXPECT_THAT(
      path.Match("/v1/packages/a%2Fb%3Ac/releases/x"),
      Optional(ElementsAre(Pair("package", "a/b:c"), Pair("release", "x"))));
}

TEST(PathTemplateTest, RefusesOtherPaths) {
  const PathTemplate path("/v1/packages/{package}");
  for (const char* other :
       {"", "/", "v1/packages/kafka", "/v1/packages", "/v1/packages/",
        "/v1/packages/kafka/", "/v1//packages/kafka", "/V1/packages/kafka",
        "/v1/packages/kafka/releases", "/v1/packages/kafka:search",
        "/v1/packages/%zz", "/v1/packages/%4", "/v1/packages/%00",
        "/v1/packages/%ff"}) {
    EXPECT_EQ(path.Match(other), std::nullopt) << other;
  }
}

TEST(PathTemplateTest, CustomVerbEndsTheLastSegment) {
  const PathTemplate sync("/v1/sources/{source}:sync");
  EXPECT_THAT(sync.Match("/v1/sources/universe:sync"),
              Optional(ElementsAre(Pair("source", "universe"))));
  for (const char* other :
       {"/v1/sources/universe", "/v1/sources/universe:notify",
        "/v1/sources/:sync", "/v1/sources/universe%3Async"}) {
    EXPECT_EQ(sync.Match(other), std::nullopt) << other;
  }
  const PathTemplate search("/v1/packages:search");
  EXPECT_THAT(search.Match("/v1/packages:search"), Optional(ElementsAre()));
  EXPECT_EQ(search.Match("/v1/packages"), std::nullopt);
}

}  // namespace
}  // namespace orrery::server
