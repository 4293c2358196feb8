#include "registry/format/version_label.h"

#include <compare>

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

TEST(VersionLabelTest, KnowsSemVer) {
  for (const char* label :
       {"1.15.0", "0.0.4", "2.10.0-2.4.0", "1.0.0-alpha.1", "1.0.0-0A.is.legal",
        "1.0.0--", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85",
        "0.0.13-RELEASE.2018-10-06T00-15-16Z"}) {
    EXPECT_TRUE(IsSemVer(label)) << label;
  }
  for (const char* label :
       {"", "1", "16.2", "v1.4.3", "1.13-patch.6", "0.9.4.0", "5.11.1-01",
        "latest", "3.1.x", "1.4.13a", "6.0.0rc1", "1.4.0.-1", "01.0.0",
        "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0-a_b"}) {
    EXPECT_FALSE(IsSemVer(label)) << label;
  }
}

TEST(VersionLabelTest, LatestAndXMove) {
  for (const char* label : {"latest", "3.1.x", "3.2.x-2", "1.X", "1-latest"}) {
    EXPECT_TRUE(IsMovingLabel(label)) << label;
  }
  for (const char* label : {"1.0.0", "x86", "2.0-linux", "1.xy"}) {
    EXPECT_FALSE(IsMovingLabel(label)) << label;
  }
}

TEST(VersionLabelTest, LooseOrderFollowsNumbersAndPrefixes) {
  const char* sorted[] = {"0.3.0-0.27.2", "0.24.1-0.1", "1.0.9", "1.0.10",
                          "1.0.10-beta"};
  for (size_t i = 0; i + 1 < std::size(sorted); ++i) {
    EXPECT_EQ(CompareLoosely(sorted[i], sorted[i + 1]),
              std::partial_ordering::less)
        << sorted[i];
    EXPECT_EQ(CompareLoosely(sorted[i + 1], sorted[i]),
              std::partial_ordering::greater)
        << sorted[i];
  }
}

TEST(VersionLabelTest, LooseOrderReadsNumbersOfAnyLength) {
  EXPECT_EQ(CompareLoosely("007", "7"), std::partial_ordering::equivalent);
  EXPECT_EQ(CompareLoosely("99999999999999999999", "100000000000000000000"),
            std::partial_ordering::less);
}

TEST(VersionLabelTest, NumberAgainstTextIsUnordered) {
  EXPECT_EQ(CompareLoosely("1.0", "1.x"), std::partial_ordering::unordered);
  EXPECT_EQ(CompareLoosely("latest", "1.0"), std::partial_ordering::unordered);
  EXPECT_EQ(CompareLoosely("1.2.0", "1.3.x"), std::partial_ordering::less);
}

}  // namespace
}  // namespace orrery::registry
