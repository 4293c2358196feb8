#include "registry/source/source_follower.h"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/git/source.h"
#include "registry/index/index_store.h"
#include "registry/index/published_index.h"
#include "registry/log/registry_log.h"
#include "registry/source/repository_access.h"
#include "registry/source/source_status.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

class SourceFollowerTest : public ::testing::Test {
 protected:
  SourceFollowerTest() {
    const std::string folder = absl::StrCat(
        ::testing::TempDir(), "follower",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    git_ = std::make_unique<tests::GitFixture>(folder + "/remote.git");
    git_->Commit("main", {{"README", {"nothing"}}});
    store_ = *IndexStore::Open(folder + "/index.db", {.durable = false});
    published_ = std::make_unique<PublishedIndex>(store_);
    states_ = *SqliteStateStore::Open(":memory:");
    log_ = *RegistryLog::Open({.data_dir = folder, .durable = false});
    Source source;
    source.name = "u";
    source.url = git_->path();
    source.ref = "refs/heads/main";
    SourceFollower::Options options;
    options.indexing = &slots_;
    follower_ = std::make_unique<SourceFollower>(source, options, &access_,
                                                 store_.get(), published_.get(),
                                                 log_.get(), states_.get());
  }

  IndexingSlots::Slot Hold() {
    return *slots_.Take(false, [] { return absl::OkStatus(); });
  }

  // One may begin.
  absl::Time now_ = absl::UnixEpoch();
  absl::Duration step_;
  IndexingSlots slots_{
      {.all = 3, .beginning = 1, .look_interval = absl::Milliseconds(1)},
      [this] { return now_ += step_; }};
  RepositoryAccess access_{{}};
  std::unique_ptr<tests::GitFixture> git_;
  std::shared_ptr<IndexStore> store_;
  std::unique_ptr<PublishedIndex> published_;
  std::unique_ptr<SqliteStateStore> states_;
  std::unique_ptr<RegistryLog> log_;
  std::unique_ptr<SourceFollower> follower_;
};

TEST_F(SourceFollowerTest, WaitForAPlaceEndsAtTheDeadline) {
  {
    const IndexingSlots::Slot held = Hold();
    EXPECT_THAT(
        follower_->Sync({.deadline = absl::Now() + absl::Milliseconds(50)}),
        StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_THAT(follower_->Sync({}), IsOk());
  // The place was given back.
  Hold();
}

TEST_F(SourceFollowerTest, OthersThatAreReadSlowlyAreNotWaitedFor) {
  const IndexingSlots::Slot held = Hold();
  now_ += absl::Minutes(1);
  EXPECT_THAT(follower_->Sync({}), IsOk());
}

TEST_F(SourceFollowerTest, OneThatAnsweredQuicklyIsNotDoubted) {
  EXPECT_TRUE(follower_->doubtful());
  ASSERT_THAT(follower_->Sync({}), IsOk());
  EXPECT_FALSE(follower_->doubtful());
}

TEST_F(SourceFollowerTest, OneThatWasReadSlowlyIsDoubtedAtTheNextLook) {
  // Each look at the clock of the places is a minute later.
  step_ = absl::Minutes(1);
  ASSERT_THAT(follower_->Sync({}), IsOk());
  EXPECT_TRUE(follower_->doubtful());
  step_ = absl::ZeroDuration();
  ASSERT_THAT(follower_->Sync({}), IsOk());
  EXPECT_FALSE(follower_->doubtful());
}

TEST_F(SourceFollowerTest, WaitForAPlaceEndsWhenSyncsAreStopped) {
  ASSERT_THAT(follower_->Sync({}), IsOk());
  const IndexingSlots::Slot held = Hold();
  absl::Status synced;
  {
    const std::jthread syncing([&] { synced = follower_->Sync({}); });
    while (follower_->Status().state != SyncState::kSyncing) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    follower_->Cancel();
  }
  EXPECT_THAT(synced, StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace orrery::registry
