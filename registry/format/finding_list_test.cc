#include "registry/format/finding_list.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(FindingListTest, ProfileDecidesSeverityAndRefusal) {
  for (const Profile profile : {Profile::kImport, Profile::kPublish}) {
    FindingList findings(profile);
    findings.Add(rules::kDupKey, "a", "", 1, "x");
    const auto taken = findings.Take("");
    ASSERT_THAT(taken, SizeIs(1));
    const bool publish = profile == Profile::kPublish;
    EXPECT_EQ(taken[0].severity, publish ? Severity::kError : Severity::kWarn);
    EXPECT_EQ(taken[0].refuses, publish);
  }
}

TEST(FindingListTest, WithholdingRuleRefusesWithAWarning) {
  FindingList findings(Profile::kImport);
  findings.Add(rules::kV2NoTemplate, "a", {}, {}, "x");
  const auto taken = findings.Take("");
  EXPECT_EQ(taken[0].severity, Severity::kWarn);
  EXPECT_TRUE(taken[0].refuses);
}

TEST(FindingListTest, SortsByPathPointerAndRule) {
  FindingList findings(Profile::kImport);
  findings.Add(rules::kHidden, "b", {}, {}, "5");
  findings.Add(rules::kLimits, "a", "/x", 1, "4");
  findings.Add(rules::kHidden, "a", "/x", 9, "3");
  findings.Add(rules::kHidden, "a", "", 9, "2");
  findings.Add(rules::kLimits, "a", {}, {}, "1");
  std::vector<std::string> texts;
  for (const Finding& finding : findings.Take(""))
    texts.push_back(finding.text);
  EXPECT_THAT(texts, ElementsAre("1", "2", "3", "4", "5"));
}

TEST(FindingListTest, CountsWhatItDoesNotKeep) {
  FindingList findings(Profile::kImport, /*max_per_rule=*/2);
  for (int i = 0; i < 5; ++i) findings.Add(rules::kHidden, "b", "/x", i, "h");
  findings.Add(rules::kLimits, "b", "/x", 1, "l");
  const auto taken = findings.Take("a");
  ASSERT_THAT(taken, SizeIs(4));
  EXPECT_EQ(taken[0].path, "a");
  EXPECT_EQ(taken[0].rule, "hidden");
  EXPECT_EQ(taken[0].text, "3 more of these");
}

}  // namespace
}  // namespace orrery::registry
