#include "registry/release_range.h"

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

Release KafkaRelease(int64_t number, const std::string& version) {
  Release release;
  release.name = "kafka";
  release.release = number;
  release.version = version;
  return release;
}

TEST(ReleaseRangeTest, LabelIsComparedByteForByte) {
  const auto range = ReleaseRange::Parse("=1.10");
  ASSERT_THAT(range, IsOk());
  EXPECT_TRUE(range->Allows(KafkaRelease(3, "1.10")));
  EXPECT_FALSE(range->Allows(KafkaRelease(3, "1.1")));
  EXPECT_FALSE(range->any());
  EXPECT_EQ(range->text(), "=1.10");
}

TEST(ReleaseRangeTest, NumberSelectsOneRelease) {
  const auto range = ReleaseRange::Parse("release=1200");
  ASSERT_THAT(range, IsOk());
  EXPECT_TRUE(range->Allows(KafkaRelease(1200, "2.10.0-2.4.0")));
  EXPECT_FALSE(range->Allows(KafkaRelease(120, "2.10.0-2.4.0")));
}

TEST(ReleaseRangeTest, EmptyAllowsAnything) {
  const auto range = ReleaseRange::Parse("");
  ASSERT_THAT(range, IsOk());
  EXPECT_TRUE(range->any());
  EXPECT_TRUE(range->Allows(KafkaRelease(0, "x")));
}

TEST(ReleaseRangeTest, OtherTextsAreRefused) {
  for (const char* text :
       {"1.0", "=", "release=", "release=-1", "release=01", "release=x",
        "release=9223372036854775808", ">=1.0"}) {
    EXPECT_THAT(ReleaseRange::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace orrery::registry
