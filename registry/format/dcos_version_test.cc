#include "registry/format/dcos_version.h"

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

DcosVersion Version(absl::string_view text) {
  return *DcosVersion::Parse(text);
}

TEST(DcosVersionTest, ReadsCanonicalNumbersOnly) {
  for (const char* text :
       {"0", "1.9", "1.10.0", "999", "184467440737095516150000.1"}) {
    EXPECT_TRUE(DcosVersion::Parse(text).has_value()) << text;
  }
  for (const char* text : {"", ".", "1.", ".1", "1..2", "01", "1.09", "-1",
                           "+1", "1.9-dev", "v1", "1,9", " 1", "1 "}) {
    EXPECT_FALSE(DcosVersion::Parse(text).has_value()) << text;
  }
}

TEST(DcosVersionTest, OrdersByNumberAndPadsWithZeros) {
  EXPECT_LT(Version("1.9"), Version("1.10"));
  EXPECT_LT(Version("1.13"), Version("2.0"));
  EXPECT_LT(Version("2"), Version("2.0.1"));
  EXPECT_EQ(Version("1.9"), Version("1.9.0"));
}

TEST(DcosVersionTest, NineHundredNinetyNineAndAboveHides) {
  EXPECT_TRUE(Version("999").hides());
  EXPECT_TRUE(Version("9999").hides());
  EXPECT_TRUE(Version("184467440737095516150000").hides());
  EXPECT_FALSE(Version("998.999").hides());
}

TEST(DcosVersionTest, OnlyAThirdZeroTrails) {
  EXPECT_TRUE(Version("1.9.0").has_trailing_zero());
  EXPECT_FALSE(Version("2.0").has_trailing_zero());
  EXPECT_FALSE(Version("1.9.1").has_trailing_zero());
}

}  // namespace
}  // namespace orrery::registry
