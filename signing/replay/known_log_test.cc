#include "signing/replay/known_log.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_state_testing.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/replay.h"

namespace orrery::signing {
namespace {

using ::testing::IsEmpty;

using Leaves = std::vector<std::string>;

LogState Replayed(const Leaves& leaves) {
  Replay replay(kExampleOrigin);
  for (const std::string& leaf : leaves) (void)replay.Append(leaf);
  return std::move(replay).TakeState();
}

// That whoever knows the log is told what a replay tells, in whatever order he
// asks.
void ExpectSame(const Leaves& leaves) {
  const LogState replayed = Replayed(leaves);
  ASSERT_THAT(replayed.void_leaves, IsEmpty());
  const LogState asked = ReadKnownLog(kExampleOrigin, leaves);
  for (const auto& [name, package] : replayed.packages) {
    ExpectSamePackage(ReadKnownLog(kExampleOrigin, leaves), replayed, name);
    ExpectSamePackage(asked, replayed, name);
  }
  ExpectSameState(ReadKnownLog(kExampleOrigin, leaves), replayed);
  ExpectSameState(asked, replayed);
}

// A log in the making, and its leaves.
class KnownLogTest : public testing::Test {
 protected:
  void Take(const Record& record) {
    leaves_.push_back(TestLog::LeafOf(record));
    ASSERT_THAT(log_.AppendBytes(leaves_.back()), IsOk())
        << PrintRecord(record);
  }
  Record Observed(absl::string_view package, int64_t release,
                  int64_t revision = 1) const {
    return log_.Observed("universe", package, release, revision,
                         absl::StrCat(release, "#", revision));
  }
  LogState Known() const { return ReadKnownLog(kExampleOrigin, leaves_); }

  TestLog log_;
  Leaves leaves_;
};

TEST_F(KnownLogTest, OfTheExampleIsWhatItsReplayGives) {
  Leaves leaves;
  for (int i = 0; i < kExampleLeaves; ++i) leaves.push_back(ExampleLeaf(i));
  ExpectSame(leaves);
}

TEST_F(KnownLogTest, OfEveryKindOfRecordIsWhatItsReplayGives) {
  ExpectSame(LeavesOfEveryKind());
}

// Each package that is asked for costs a look at them.
TEST_F(KnownLogTest, ManySourcesChangeNothing) {
  for (int i = 0; i < 20; ++i) Take(log_.Source(absl::StrCat("source-", i)));
  for (int i = 0; i < 20; ++i) {
    Take(log_.Observed(absl::StrCat("source-", i), absl::StrCat("package-", i),
                       i, 1, "a"));
  }
  Take(log_.Index(100));
  ExpectSame(leaves_);
}

TEST_F(KnownLogTest, HasNoPackageThatNoLeafNames) {
  Take(log_.Source("universe"));
  Take(Observed("kafka", 1));
  const LogState known = Known();
  EXPECT_EQ(FindPackage(known, "kafk"), nullptr);
  EXPECT_EQ(FindPackage(known, ""), nullptr);
  EXPECT_NE(FindPackage(known, "kafka"), nullptr);
}

TEST_F(KnownLogTest, WhatWasGivenStaysWhereItIs) {
  Take(log_.Source("universe"));
  Take(Observed("kafka", 1));
  Take(Observed("hello", 1));
  const LogState known = Known();
  const PackageState* const kafka = FindPackage(known, "kafka");
  EXPECT_EQ(FindPackage(known, "kafka"), kafka);
  EXPECT_EQ(&known.packages.begin()->second, FindPackage(known, "hello"));
  EXPECT_EQ(FindPackage(known, "kafka"), kafka);
}

TEST_F(KnownLogTest, GoesOnWithWhatFollows) {
  Take(log_.Source("universe"));
  Take(Observed("kafka", 1));
  Take(Observed("hello", 1));
  Replay replay(Known());
  Take(Observed("kafka", 1, 2));
  ASSERT_THAT(replay.Append(leaves_.back()), IsOk());
  EXPECT_EQ(PrintCatalog(replay.state()), PrintCatalog(log_.state()));
}

// Whoever was told something wrong of the log uses nothing for that.
TEST_F(KnownLogTest, APackageWithAVoidLeafIsNotThere) {
  Take(log_.Source("universe"));
  Take(Observed("kafka", 1));
  Record twice = Observed("kafka", 1);
  twice.seq = 7;
  leaves_.push_back(TestLog::LeafOf(twice));
  leaves_.push_back("no record\npackage spark\n\n");
  Take(Observed("hello", 1));
  const LogState known = Known();
  EXPECT_EQ(FindPackage(known, "kafka"), nullptr);
  EXPECT_EQ(FindPackage(known, "spark"), nullptr);
  EXPECT_NE(FindPackage(known, "hello"), nullptr);
  const LogState untouched = Known();
  ASSERT_NE(untouched.packages.begin(), untouched.packages.end());
  EXPECT_EQ(untouched.packages.begin()->first, "hello");
  EXPECT_EQ(++untouched.packages.begin(), untouched.packages.end());
}

}  // namespace
}  // namespace orrery::signing
