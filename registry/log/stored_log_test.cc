#include "registry/log/stored_log.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/store/durable_file.h"
#include "signing/replay/log_state_testing.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Record;

constexpr char kOrigin[] = "registry.example/main";

class StoredLogTest : public ::testing::Test {
 protected:
  StoredLogTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "/stored_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name(),
            ".db")) {
    EXPECT_THAT(RemoveTree(path_), IsOk());
    auto store = LogStore::Open(path_, {.durable = false});
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  void Take(const Record& record) {
    const std::string leaf = signing::TestLog::LeafOf(record);
    ASSERT_THAT(log_.AppendBytes(leaf), IsOk()) << PrintRecord(record);
    Put(leaf);
  }
  void Put(const std::string& leaf) {
    leaves_.push_back(leaf);
    // The catalog is none of this test.
    LogBatch batch;
    batch.first = static_cast<int64_t>(leaves_.size()) - 1;
    batch.leaves = {leaf};
    ASSERT_THAT(store_->Append(batch), IsOk());
  }
  signing::LogState Read(int64_t size) {
    auto state = ReadStoredLog(*store_, kOrigin, size);
    EXPECT_THAT(state, IsOk());
    return state.ok() ? *std::move(state) : signing::LogState();
  }

  const std::string path_;
  std::unique_ptr<LogStore> store_;
  signing::TestLog log_;
  std::vector<std::string> leaves_;
};

TEST_F(StoredLogTest, OfEverySizeSaysWhatItsReplaySays) {
  for (const std::string& leaf : signing::LeavesOfEveryKind()) Put(leaf);
  signing::Replay replay(kOrigin);
  for (const std::string& leaf : leaves_) {
    ASSERT_THAT(replay.Append(leaf), IsOk());
    const int64_t size = replay.state().size;
    SCOPED_TRACE(size);
    const signing::LogState asked = Read(size);
    for (const auto& [name, package] : replay.state().packages) {
      ExpectSamePackage(asked, replay.state(), name);
    }
    EXPECT_EQ(signing::FindPackage(asked, "none"), nullptr);
    ExpectSameState(asked, replay.state());
    ExpectSameState(Read(size), replay.state());
  }
}

TEST_F(StoredLogTest, GoesOnFromWhatItHasNotTakenIn) {
  Take(log_.Source("universe"));
  Take(log_.Observed("universe", "kafka", 1, 1, "a"));
  Take(log_.Index(100));
  signing::Replay replay(Read(3));
  const Record next = log_.Observed("universe", "kafka", 1, 2, "b");
  EXPECT_THAT(replay.Append(signing::TestLog::LeafOf(next)), IsOk());
  Take(next);
  EXPECT_THAT(replay.Append(signing::TestLog::LeafOf(log_.Index(200))), IsOk());
  Take(log_.Index(200));
  ExpectSameState(replay.state(), log_.state());
}

TEST_F(StoredLogTest, WhatIsDamagedIsNotThereAndIsTold) {
  Take(log_.Source("universe"));
  Take(log_.Observed("universe", "kafka", 1, 1, "a"));
  Take(log_.Observed("universe", "hello", 1, 1, "a"));
  // A second leaf of the same place in its chain.
  LogBatch batch;
  batch.first = 3;
  batch.leaves = {leaves_[1]};
  ASSERT_THAT(store_->Append(batch), IsOk());
  const signing::LogState log = Read(4);
  EXPECT_NE(signing::FindPackage(log, "hello"), nullptr);
  EXPECT_THAT(log.packages.status(), IsOk());
  EXPECT_EQ(signing::FindPackage(log, "kafka"), nullptr);
  EXPECT_THAT(log.packages.status(),
              StatusIs(absl::StatusCode::kDataLoss,
                       ::testing::HasSubstr("repeats leaf 1")));
}

}  // namespace
}  // namespace orrery::registry
