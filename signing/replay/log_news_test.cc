#include "signing/replay/log_news.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"

namespace orrery::signing {
namespace {

using ::testing::IsEmpty;

TEST(LogNewsTest, TellsEverySwitchOfASourcesMode) {
  TestLog log;
  for (const RevisionMode mode :
       {RevisionMode::kImmutable, RevisionMode::kImmutable,
        RevisionMode::kMutable, RevisionMode::kImmutable}) {
    ASSERT_THAT(log.Append(log.Source("universe", mode)), IsOk());
  }
  const std::vector<ModeSwitch> all = FindModeSwitches(log.state(), 0);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].source, "universe");
  EXPECT_EQ(all[0].from, RevisionMode::kImmutable);
  EXPECT_EQ(all[0].to, RevisionMode::kMutable);
  EXPECT_EQ(all[0].leaf, 2);
  EXPECT_EQ(FindModeSwitches(log.state(), 3).size(), 1u);
  EXPECT_THAT(FindModeSwitches(log.state(), 4), IsEmpty());
}

TEST(LogNewsTest, TellsEveryRevisionWithBothTrees) {
  TestLog log;
  ASSERT_THAT(log.Append(log.Source("universe")), IsOk());
  ASSERT_THAT(log.Append(log.Observed("universe", "kafka", 57, 1, "a")),
              IsOk());
  ASSERT_THAT(log.Append(log.Observed("universe", "kafka", 57, 2, "b")),
              IsOk());
  ASSERT_THAT(log.Append(log.Observed("universe", "kafka", 57, 3, "a")),
              IsOk());
  const PackageState& package = *FindPackage(log.state(), "kafka");
  EXPECT_EQ(FindNewRevisions(package, 0).size(), 2u);
  const std::vector<NewRevision> news = FindNewRevisions(package, 3);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].source, "universe");
  EXPECT_EQ(news[0].release, 57);
  EXPECT_EQ(news[0].from, 2);
  EXPECT_EQ(news[0].to, 3);
  const ReleaseState& release = *FindRelease(package, "universe", 57);
  EXPECT_EQ(news[0].replaces, release.revisions[1].tree);
  EXPECT_EQ(news[0].tree, release.revisions[0].tree);
}

}  // namespace
}  // namespace orrery::signing
