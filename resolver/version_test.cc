#include "resolver/version.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::HasSubstr;

Version Of(absl::string_view label) { return *Version::Parse(label); }

TEST(VersionTest, AcceptsEveryCharacterOfALabel) {
  for (const char* label : {"1", "v1.4.3", "1:2.0+b_c~d-e", "---", "latest"}) {
    ASSERT_THAT(Version::Parse(label), IsOk());
    EXPECT_EQ(Of(label).label(), label);
  }
  EXPECT_THAT(Version::Parse(std::string(64, '9')), IsOk());
}

TEST(VersionTest, RefusesWhatIsNoLabel) {
  for (const std::string& text :
       {std::string(), std::string(65, '1'), std::string("1 0"),
        std::string("1/0"), std::string("1\0", 2),
        std::string("caf\xc3\xa9")}) {
    EXPECT_THAT(Version::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("is no version: ")))
        << text;
  }
}

class VersionOrderTest
    : public ::testing::TestWithParam<std::vector<const char*>> {};

TEST_P(VersionOrderTest, EachIsBelowAllThatFollow) {
  const auto& chain = GetParam();
  for (size_t i = 0; i < chain.size(); ++i) {
    for (size_t j = 0; j < chain.size(); ++j) {
      EXPECT_EQ(Of(chain[i]) <=> Of(chain[j]), i <=> j)
          << chain[i] << " " << chain[j];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Chains, VersionOrderTest,
    ::testing::Values(
        std::vector{"1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-rc10", "1.0.0",
                    "1.0.0-lts", "1.0.0-1", "1.0.0-1.0.7", "1.0.0-2", "1.0.1"},
        std::vector{"2.2.0-1.0.7-beta", "2.2.0-1.0.7", "2.2.0-1.1.0"},
        std::vector{"2.0-patch.2", "2.0-patch.10", "2.0-1"},
        std::vector{"latest", "stub-universe", "0", "0.0.0.1", "1"},
        std::vector{"1.0-dev",     "1.0-alpha",    "1.0-beta",   "1.0-pre",
                    "1.0-rc",      "1.0",          "1.0-ga",     "1.0-final",
                    "1.0-release", "1.0-lts",      "1.0-stable", "1.0-patch",
                    "1.0-p",       "1.0-sp",       "1.0-post",   "1.0-r",
                    "1.0-rev",     "1.0-aardvark", "1.0-zebra",  "1.0-1"},
        std::vector{"1.0a1", "1.0", "1.4.13", "1.4.13a", "1.4.14"},
        std::vector{"3.2.0-1", "3.2.x-2", "3.2.1"},
        std::vector{"0.1.0-RELEASE.2018-07-31", "0.1.0-stable"},
        std::vector{"9", "10", "99999999999999999999998",
                    "99999999999999999999999", "1:0.1"}));

TEST(VersionTest, LabelsWithOneKeyAreEqual) {
  EXPECT_EQ(Of("1.0"), Of("1.0.0"));
  EXPECT_EQ(Of("v1.5.0"), Of("1.5.0"));
  EXPECT_EQ(Of("1.0-0"), Of("1.0.0-0.0"));
  EXPECT_EQ(Of("1.0.0+build1"), Of("1.0.0+build2"));
  EXPECT_EQ(Of("1.0.0-RC1"), Of("1.0.0-rc1"));
  EXPECT_EQ(Of("1.0.0_2"), Of("1.0.0-2"));
  EXPECT_EQ(Of("1.0-snapshot"), Of("1.0-dev"));
  EXPECT_EQ(Of("0:1.007"), Of("1.7"));
}

TEST(VersionTest, HashFollowsEquality) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Of("1.0"), Of("1.0.0"), Of("v1"), Of("1:1"), Of("1-1"), Of("1.0-0"),
       Of("1.1"), Of("latest"), Of("1.0rc1"), Of("1.0-dev"), Of("---")}));
}

TEST(VersionTest, TotalOrderBreaksTiesByBytes) {
  std::vector<Version> sorted = {Of("1.0.0"), Of("2"), Of("1.0"), Of("v1"),
                                 Of("1")};
  std::sort(sorted.begin(), sorted.end(), TotalLess);
  std::vector<std::string> labels;
  for (const Version& version : sorted) labels.push_back(version.label());
  EXPECT_THAT(labels, ::testing::ElementsAre("1", "1.0", "1.0.0", "v1", "2"));
}

TEST(VersionTest, PrereleaseWordsCountAnywhere) {
  for (const char* label : {"1.1.19.1-2.0.3-beta", "1.6.0-pre-270-g3872d5e",
                            "1.0.0-SNAPSHOT", "1.0a1", "6.0.0rc1", "2.0m3"}) {
    EXPECT_TRUE(Of(label).is_prerelease()) << label;
  }
  for (const char* label : {"2.2.0-1.0.7", "6.0.0-lts", "2.0-patch.1",
                            "1.4.13a", "latest", "1.1-3.4.11-56b7afa"}) {
    EXPECT_FALSE(Of(label).is_prerelease()) << label;
  }
}

TEST(VersionTest, StemIsTheKeyBeforeThePrereleaseWord) {
  EXPECT_EQ(Of("3.0.0-beta").key().Stem(), Of("3.0.0").key());
  EXPECT_EQ(Of("2.0-rc1-3").key().Stem(), Of("2.0").key());
  EXPECT_EQ(Of("1.1-2.0.3-beta").key().Stem(), Of("1.1-2.0.3").key());
  EXPECT_EQ(Of("2.0").key().Stem(), Of("2.0").key());
}

}  // namespace
}  // namespace orrery::resolver
