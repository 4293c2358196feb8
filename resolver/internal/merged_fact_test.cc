#include "resolver/internal/merged_fact.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver::internal {
namespace {

using ::testing::ElementsAre;
using Kind = Fact::Kind;

Fact Needs(RankSet releases, std::vector<Fact::Targeted> targets) {
  Fact fact;
  fact.kind = Kind::kNeeds;
  fact.subject = "a";
  fact.releases = std::move(releases);
  fact.targets = std::move(targets);
  return fact;
}

Fact::Targeted Of(const std::string& name, const std::string& range,
                  RankSet releases) {
  return {name, range, PackageId{1}, std::move(releases)};
}

TEST(MergedFactTest, WhatOneReleaseNeedsTwiceIsWhatBothLetIn) {
  const Fact fact =
      MergedFact({Needs({{0, 0}}, {Of("b", ">=2 || =1", {{1, 5}})}),
                  Needs({{0, 0}}, {Of("b", "<4", {{0, 3}})})});
  EXPECT_EQ(fact.targets[0].releases, (RankSet{{1, 3}}));
  EXPECT_EQ(fact.targets[0].range, ">=2 <4 || =1 <4");
}

TEST(MergedFactTest, RangesOfOneReleaseThatShareNothingLeaveNoRelease) {
  const Fact fact = MergedFact({Needs({{0, 0}}, {Of("b", "<4", {{0, 2}})}),
                                Needs({{0, 0}}, {Of("b", ">9", {{8, 9}})})});
  EXPECT_TRUE(fact.targets[0].releases.empty());
  EXPECT_EQ(fact.targets[0].range, "<4 >9");
}

TEST(MergedFactTest, WhatSeveralReleasesNeedIsWhatAnyOfThemLetsIn) {
  const Fact fact = MergedFact({Needs({{0, 0}}, {Of("b", "<4", {{0, 2}})}),
                                Needs({{1, 1}}, {Of("b", ">9", {{8, 9}})})});
  EXPECT_EQ(fact.releases, (RankSet{{0, 1}}));
  EXPECT_EQ(fact.targets[0].releases, (RankSet{{0, 2}, {8, 9}}));
  EXPECT_EQ(fact.targets[0].range, "<4 || >9");
}

TEST(MergedFactTest, EachReleaseCountsWithAllOfItsClauses) {
  // 0 needs b 0 to 2, 1 needs b 2, 2 needs b 2 to 5.
  const Fact fact = MergedFact({Needs({{0, 1}}, {Of("b", "<4", {{0, 2}})}),
                                Needs({{1, 2}}, {Of("b", ">2", {{2, 5}})})});
  EXPECT_EQ(fact.targets[0].releases, (RankSet{{0, 5}}));
  EXPECT_EQ(fact.targets[0].range, "<4 || <4 >2 || >2");
}

TEST(MergedFactTest, AlternativesMeetWhereOneDiffersAndElseAreJoined) {
  const Fact one = MergedFact(
      {Needs({{0, 0}}, {Of("b", "*", {{0, 3}}), Of("c", "<2", {{0, 1}})}),
       Needs({{0, 0}}, {Of("b", "*", {{0, 3}}), Of("c", ">0", {{1, 2}})})});
  EXPECT_EQ(one.targets[1].releases, (RankSet{{1, 1}}));
  const Fact both = MergedFact(
      {Needs({{0, 0}}, {Of("b", "<1", {{0, 0}}), Of("c", "<2", {{0, 1}})}),
       Needs({{0, 0}}, {Of("b", ">1", {{2, 2}}), Of("c", ">0", {{1, 2}})})});
  EXPECT_EQ(both.targets[0].releases, (RankSet{{0, 0}, {2, 2}}));
  EXPECT_EQ(both.targets[1].releases, (RankSet{{0, 2}}));
}

TEST(MergedFactTest, TheReleasesOfOneProviderDoNotSpeakForACapability) {
  Fact::Targeted old = Of("sql", "<4", {{0, 0}});
  Fact::Targeted young = Of("sql", ">9", {{7, 7}});
  old.is_capability = young.is_capability = true;
  const Fact fact =
      MergedFact({Needs({{0, 0}}, {old}), Needs({{0, 0}}, {young})});
  EXPECT_EQ(fact.targets[0].range, "<4 >9");
  EXPECT_FALSE(fact.targets[0].releases.empty());
  young.releases = {};
  EXPECT_TRUE(MergedFact({Needs({{0, 0}}, {old}), Needs({{0, 0}}, {young})})
                  .targets[0]
                  .releases.empty());
}

TEST(MergedFactTest, ManyRangesAreAnyRange) {
  std::vector<Fact> facts;
  for (Rank rank = 0; rank < 17; ++rank) {
    facts.push_back(
        Needs({{rank, rank}}, {Of("b", "=" + std::to_string(rank), {{0, 0}})}));
  }
  EXPECT_EQ(MergedFact(facts).targets[0].range, "*");
  facts.pop_back();
  EXPECT_NE(MergedFact(facts).targets[0].range, "*");
}

TEST(MergedFactTest, ConflictsAddUp) {
  Fact a = Needs({{0, 0}}, {Of("b", "<4", {{0, 2}})});
  Fact b = Needs({{0, 0}}, {Of("b", ">9", {{8, 9}})});
  a.kind = b.kind = Kind::kConflict;
  EXPECT_EQ(MergedFact({a, b}).targets[0].releases, (RankSet{{0, 2}, {8, 9}}));
}

TEST(MergedFactTest, LimitsLeaveWhatAllOfThemLeave) {
  Fact a = Needs({{1, 3}}, {});
  Fact b = Needs({{2, 5}}, {});
  a.kind = b.kind = Kind::kLimit;
  EXPECT_EQ(MergedFact({a, b}).releases, (RankSet{{2, 3}}));
}

TEST(MergedFactTest, ExclusionsKeepAllReasons) {
  Fact a = Needs({{0, 0}}, {});
  Fact b = Needs({{1, 1}}, {});
  a.kind = b.kind = Kind::kExcluded;
  a.text = "it is hidden";
  b.text = "it is yanked";
  const Fact fact = MergedFact({a, b, a});
  EXPECT_EQ(fact.text, "it is hidden; it is yanked");
  EXPECT_EQ(fact.releases, (RankSet{{0, 1}}));
}

TEST(MergedFactTest, AllHoldersOfAClaimAreNamed) {
  Fact a = Needs({}, {{"c"}});
  Fact b = Needs({}, {{"c"}});
  b.subject = "b";
  a.kind = b.kind = Kind::kClaim;
  const Fact fact = MergedFact({b, a});
  EXPECT_EQ(fact.subject, "a");
  std::vector<std::string> others;
  for (const auto& target : fact.targets) others.push_back(target.text);
  EXPECT_THAT(others, ElementsAre("b", "c"));
}

}  // namespace
}  // namespace orrery::resolver::internal
