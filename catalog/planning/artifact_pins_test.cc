#include "catalog/planning/artifact_pins.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kResource[] =
    R"({"assets":{"uris":{"a":"http://h/1","b":"http://h/1","c":"http://h/2"}}})";

std::string Artifacts(const std::string& assets) {
  return R"({"schema":1,"assets":{)" + assets + "}}";
}

// One asset of artifacts.json whose digest consists of one digit.
std::string Asset(const std::string& alias, char digit) {
  return "\"" + alias + R"(":{"sha256":")" + std::string(64, digit) +
         R"(","size":5})";
}

TEST(ArtifactPinsTest, AliasesLeadToUris) {
  const auto pins = ArtifactPins(
      kResource, Artifacts(Asset("c", '2') + "," + Asset("a", '1')));
  ASSERT_THAT(pins, IsOk());
  ASSERT_EQ(pins->size(), 2u);
  EXPECT_EQ((*pins)[0].uri, "http://h/1");
  EXPECT_EQ((*pins)[0].sha256, std::string(64, '1'));
  EXPECT_EQ((*pins)[0].size, 5);
  EXPECT_EQ((*pins)[1].sha256, std::string(64, '2'));
}

TEST(ArtifactPinsTest, TwoDigestsForOneUriAreRefused) {
  EXPECT_THAT(
      ArtifactPins(kResource,
                   Artifacts(Asset("a", '1') + "," + Asset("b", '9'))),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/assets/b")));
}

TEST(ArtifactPinsTest, TwoSizesForOneUriAreRefused) {
  const std::string other =
      R"("b":{"sha256":")" + std::string(64, '1') + R"(","size":6})";
  EXPECT_THAT(
      ArtifactPins(kResource, Artifacts(Asset("a", '1') + "," + other)),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/assets/b")));
}

TEST(ArtifactPinsTest, WithoutEitherFileNothingIsPinned) {
  EXPECT_THAT(*ArtifactPins("", Artifacts("")), IsEmpty());
  EXPECT_THAT(*ArtifactPins(kResource, ""), IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
