#include "resolver/version_range.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::HasSubstr;

bool Contains(absl::string_view range, absl::string_view label,
              std::optional<uint64_t> release = std::nullopt,
              PrereleaseGate gate = PrereleaseGate::kClosed) {
  return VersionRange::Parse(range)->Contains(*Version::Parse(label), release,
                                              gate);
}

// Labels are separated by spaces.
struct Meaning {
  const char* range;
  const char* inside;
  const char* outside;
};

class RangeMeaningTest : public ::testing::TestWithParam<Meaning> {};

TEST_P(RangeMeaningTest, ContainsExactlyTheInside) {
  const Meaning& meaning = GetParam();
  for (absl::string_view label :
       absl::StrSplit(meaning.inside, ' ', absl::SkipEmpty())) {
    EXPECT_TRUE(Contains(meaning.range, label)) << label;
  }
  for (absl::string_view label :
       absl::StrSplit(meaning.outside, ' ', absl::SkipEmpty())) {
    EXPECT_FALSE(Contains(meaning.range, label)) << label;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ranges, RangeMeaningTest,
    ::testing::Values(
        Meaning{"*", "1.0 latest 1:2", "1.0-beta"},
        Meaning{"^2.2", "2.2.0 2.2.0-1.0.7 2.99.1-3",
                "3.0.0 3.0.0-beta 2.1 2.5.0-rc1 1:2.2"},
        Meaning{"^1.2.3-beta", "1.2.3-beta 1.4.0-beta 1.9.0",
                "1.2.3-alpha 2.0.0-beta"},
        Meaning{"^0.3.1", "0.3.1 0.3.9", "0.4.0 0.3.0"},
        Meaning{"^0.0.4", "0.0.4 0.0.4-1", "0.0.5"},
        Meaning{"^0.0", "0.0.9", "0.1"}, Meaning{"^0", "0.9", "1"},
        Meaning{"~1.4.2", "1.4.2 1.4.99", "1.5 1.4.1"},
        Meaning{"~1.4", "1.4 1.9", "2"}, Meaning{"~1", "1.9", "2"},
        Meaning{"~1.4.2.3", "1.4.2.3 1.4.2.9", "1.4.3"},
        Meaning{"~1:1.4", "1:1.4 1:1.9", "1.4 1:2.0 2:1.4"},
        Meaning{"^99999999999999999999", "99999999999999999999.5",
                "100000000000000000000"},
        Meaning{"<2.0.0-rc1", "1.9 2.0.0-beta 2.0.0-alpha.3",
                "2.0.0-rc1 2.0.0"},
        Meaning{"<2.0", "1.9", "2.0 2.0.0-rc1"},
        Meaning{">2.2.0", "2.2.0-lts 2.2.0-1.0.7", "2.2 2.2.0-rc1"},
        Meaning{">=0.10.0-1.2.1", "0.10.0-1.2.1-1 0.10.0-1.2.10 0.10.1",
                "0.10.0 0.9.4.0"},
        Meaning{"=1.0 || =2.0", "1.0.0 2.0", "1.5"},
        Meaning{"!=1.3", "1.2 1.4", "1.3.0"},
        Meaning{"2.2.*", "2.2 2.2.17 2.2.0-1.0.7", "2.20.0 2.3 latest"},
        Meaning{"0.*", "0 0.1", "latest 1"}, Meaning{"1:2.*", "1:2.3", "2.3"},
        Meaning{"2.2.0-*", "2.2.0 2.2-4 2.2.0-1.0.7", "2.2.1 2.2.0.1-4"},
        Meaning{"1.0 || >=3 <4 !=3.5", "1 3 3.9", "2 3.5 4"},
        Meaning{">=1.0, ,<2.0", "1.5", "2.1"}),
    [](const auto& param_info) {
      return absl::StrCat("Row", param_info.index);
    });

TEST(VersionRangeTest, ReleaseNumbersCompareAsNumbers) {
  EXPECT_TRUE(Contains("release>=100", "1.0", 100));
  EXPECT_FALSE(Contains("release>=100", "1.0", 99));
  EXPECT_TRUE(Contains("release!=7", "1.0", 8));
  EXPECT_TRUE(Contains("release<=9223372036854775807", "1.0", 5));
  EXPECT_TRUE(Contains("release>0 release<9", "1.0", 5));
}

TEST(VersionRangeTest, WhatIsNoReleaseHasNoReleaseNumber) {
  EXPECT_FALSE(Contains("release>=0", "1.0"));
  EXPECT_FALSE(Contains("release!=7", "1.0"));
}

TEST(VersionRangeTest, ANamedReleaseMayBeAPrerelease) {
  EXPECT_TRUE(Contains("release=7", "1.0-rc1", 7));
  EXPECT_FALSE(Contains("release>=7", "1.0-rc1", 7));
}

TEST(VersionRangeTest, EachConjunctionHasItsOwnGate) {
  EXPECT_FALSE(Contains("=1.0-rc1 || >=1.0-0", "1.1-rc1"));
  EXPECT_TRUE(Contains("=1.1-rc1 || >=1.0-0", "1.1-rc1"));
  EXPECT_TRUE(Contains(">=1.0-rc1", "1.1-rc1"));
}

TEST(VersionRangeTest, AnOpenGateLeavesTheComparators) {
  EXPECT_TRUE(Contains("^2.2", "2.5.0-rc1", 1, PrereleaseGate::kOpen));
  EXPECT_FALSE(Contains("^2.2", "3.0.0-beta", 1, PrereleaseGate::kOpen));
}

TEST(VersionRangeTest, TextIsCanonical) {
  const auto range = VersionRange::Parse(">=1.0, <2.0||  v3   || *");
  EXPECT_EQ(range->ToString(), ">=1.0 <2.0 || v3 || *");
  EXPECT_EQ(*VersionRange::Parse(range->ToString()), *range);
  EXPECT_TRUE(VersionRange().is_any());
}

TEST(VersionRangeTest, RefusesWithTheRest) {
  const std::string sixteen = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
  EXPECT_THAT(VersionRange::Parse(sixteen), IsOk());
  const struct {
    std::string text;
    std::string rest;
  } cases[] = {
      {"", ""},
      {" 1.0", " 1.0"},
      {"1.0 ", " "},
      {"1.0 - 2.0", "- 2.0"},
      {">= 1.0", ">= 1.0"},
      {"1.0 || ", ""},
      {"1.0 |2.0", " |2.0"},
      {"1.0 , || 2", " , || 2"},
      {"=>1.0", "=>1.0"},
      {"==1.0", "==1.0"},
      {">=*", ">=*"},
      {">=1.*", ">=1.*"},
      {"1.x.*", "1.x.*"},
      {"1..2.*", "1..2.*"},
      {".*", ".*"},
      {"^v1.2", "^v1.2"},
      {"~latest", "~latest"},
      {"=~1", "=~1"},
      {"---", "---"},
      {"release=01", "release=01"},
      {"release=-1", "release=-1"},
      {"release=", "release="},
      {"release>9223372036854775808", "release>9223372036854775808"},
      {"release^1", "release^1"},
      {"1.0\t2.0", "1.0\\t2.0"},
      {sixteen + " 17", "17"},
      {std::string(257, '1'), "1"},
  };
  for (const auto& [text, rest] : cases) {
    EXPECT_THAT(VersionRange::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(absl::StrCat("\" at \"", rest, "\""))))
        << text;
  }
}

TEST(VersionRangeTest, AtMostSixteenConjunctions) {
  std::string text = "1";
  for (int i = 2; i <= 16; ++i) absl::StrAppend(&text, "||", i);
  EXPECT_THAT(VersionRange::Parse(text), IsOk());
  EXPECT_THAT(
      VersionRange::Parse(text + "||17"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"17\"")));
}

}  // namespace
}  // namespace orrery::resolver
