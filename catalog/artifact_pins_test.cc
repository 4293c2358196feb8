#include "catalog/artifact_pins.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kResource[] =
    R"({"assets":{"uris":{"a":"http://h/1","b":"http://h/1","c":"http://h/2"}}})";

TEST(ArtifactPinsTest, AliasesLeadToUris) {
  const auto pins = ArtifactPins(
      kResource,
      R"({"schema":1,"assets":{"c":{"sha256":"22"},"a":{"sha256":"11"}}})");
  ASSERT_THAT(pins, IsOk());
  ASSERT_EQ(pins->size(), 2u);
  EXPECT_EQ((*pins)[0].uri, "http://h/1");
  EXPECT_EQ((*pins)[0].sha256, "11");
  EXPECT_EQ((*pins)[1].sha256, "22");
}

TEST(ArtifactPinsTest, TwoDigestsForOneUriAreRefused) {
  EXPECT_THAT(
      ArtifactPins(kResource,
                   R"({"assets":{"a":{"sha256":"11"},"b":{"sha256":"99"}}})"),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/assets/b")));
}

TEST(ArtifactPinsTest, WithoutEitherFileNothingIsPinned) {
  EXPECT_THAT(*ArtifactPins("", R"({"assets":{}})"), IsEmpty());
  EXPECT_THAT(*ArtifactPins(kResource, ""), IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
