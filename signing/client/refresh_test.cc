#include "signing/client/refresh.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kNow = 1795351203;

// Keeps what it is given, and tells in which order things happen.
class FakeStore final : public ClientStateStore {
 public:
  explicit FakeStore(std::vector<std::string>& events) : events_(events) {}

  absl::StatusOr<std::optional<std::string>> Read() override { return bytes; }
  absl::Status Write(absl::string_view written) override {
    events_.push_back("write");
    if (!write_status.ok()) return write_status;
    bytes = std::string(written);
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<std::string>> ReadReplayed() override {
    return replayed;
  }
  absl::Status WriteReplayed(absl::string_view written) override {
    replayed = std::string(written);
    return absl::OkStatus();
  }
  absl::Status Keep(const ForkEvidence& evidence) override {
    kept.push_back(evidence);
    return absl::OkStatus();
  }

  std::optional<std::string> bytes;
  std::optional<std::string> replayed;
  absl::Status write_status;
  std::vector<ForkEvidence> kept;

 private:
  std::vector<std::string>& events_;
};

class RefreshTest : public testing::Test, private TileSource {
 protected:
  void SetUp() override {
    const auto policy = ParseClientPolicy(
        "policy 1\nregistry public https://registry.example/main\n"
        "tlog-policy t\nnames-file n\nwitnesses timestamper\n");
    ASSERT_THAT(policy, IsOk());
    auto trust =
        OpenRegistryTrust(policy->registries()[0], ExampleFile("tlog-policy"),
                          ExampleFile("names"), "0.1.0");
    ASSERT_THAT(trust, IsOk());
    trust_.emplace(*std::move(trust));
    Publish(8);
  }

  void Publish(int leaves) {
    log_ = PublishedLog();
    for (int i = 0; i < leaves; ++i) log_.Append(ExampleLeaf(i));
  }

  absl::StatusOr<RefreshedLog> Refresh(int64_t cosigned = kNow) {
    events_.clear();
    return RefreshLog(*trust_,
                      {"https://mirror.example", log_.CheckpointNote(cosigned)},
                      absl::FromUnixSeconds(kNow), *this, store_);
  }

  absl::StatusOr<std::string> ReadTile(const TileId& id) override {
    events_.push_back(FormatTilePath(id));
    if (!has_tiles_) return absl::UnavailableError("no tiles");
    return log_.ReadTile(id);
  }

  std::vector<std::string> events_;
  FakeStore store_{events_};
  std::optional<RegistryTrust> trust_;
  PublishedLog log_;
  bool has_tiles_ = true;
};

TEST_F(RefreshTest, AFirstUseStoresTheCheckpoint) {
  const auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_TRUE(refreshed->is_first_use);
  EXPECT_EQ(refreshed->known_leaves, 0);
  EXPECT_EQ(refreshed->log.state.size, 8);
  EXPECT_EQ(store_.bytes, FormatClientState(refreshed->state));
}

// §14.1: persist first, answer second.
TEST_F(RefreshTest, TheCheckpointIsStoredBeforeItsLeavesAreRead) {
  ASSERT_THAT(Refresh(), IsOk());
  ASSERT_FALSE(events_.empty());
  EXPECT_EQ(events_[0], "write");
}

TEST_F(RefreshTest, WhatCannotBeStoredIsNotUsed) {
  store_.write_status = Refuse(RefusalCode::kStateWrite, "disk full");
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kStateWrite));
  EXPECT_THAT(events_, ElementsAre("write"));
}

TEST_F(RefreshTest, TheNextRefreshGoesOnFromTheStored) {
  ASSERT_THAT(Refresh(kNow - 5), IsOk());
  Publish(11);
  const auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_FALSE(refreshed->is_first_use);
  EXPECT_EQ(refreshed->known_leaves, 8);
  EXPECT_EQ(refreshed->log.state.size, 11);
}

// Else whoever refuses it once would take it from the next mirror.
TEST_F(RefreshTest, LeafThatIsTooOldIsRefusedAgain) {
  ASSERT_THAT(Refresh(), IsOk());
  log_.AppendIndex(kNow - 3600);
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch));
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch));
}

// What was not read is not known.
TEST_F(RefreshTest, LeavesAreKnownWhenTheyWereRead) {
  ASSERT_THAT(Refresh(kNow - 5), IsOk());
  Publish(11);
  has_tiles_ = false;
  EXPECT_EQ(Refresh().status().code(), absl::StatusCode::kUnavailable);
  has_tiles_ = true;
  const auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_EQ(refreshed->known_leaves, 8);
}

TEST_F(RefreshTest, NothingNewWritesNothing) {
  ASSERT_THAT(Refresh(), IsOk());
  ASSERT_THAT(Refresh(), IsOk());
  EXPECT_THAT(events_, Not(testing::Contains("write")));
}

// The leaves of a stored checkpoint may be had later.
TEST_F(RefreshTest, AMirrorWithoutTilesLeavesAStateThatCanRefresh) {
  has_tiles_ = false;
  EXPECT_EQ(Refresh().status().code(), absl::StatusCode::kUnavailable);
  has_tiles_ = true;
  EXPECT_THAT(Refresh(), IsOk());
}

TEST_F(RefreshTest, ARollbackIsToldWithoutAskingForTiles) {
  Publish(11);
  ASSERT_THAT(Refresh(), IsOk());
  const std::string before = *store_.bytes;
  Publish(8);
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kLogRollback));
  EXPECT_THAT(events_, IsEmpty());
  EXPECT_EQ(store_.bytes, before);
}

// §13: both notes are kept, the stored checkpoint does not change.
TEST_F(RefreshTest, AForkKeepsBothNotesAndNothingElseChanges) {
  ASSERT_THAT(Refresh(), IsOk());
  const std::string before = *store_.bytes;
  const std::string old_note = log_.CheckpointNote(kNow);
  log_ = PublishedLog();
  for (int i = 1; i <= 8; ++i) log_.Append(ExampleLeaf(i));
  has_tiles_ = false;
  const auto forked = Refresh();
  EXPECT_THAT(forked, Refused(RefusalCode::kLogFork));
  ASSERT_EQ(store_.kept.size(), 1u);
  EXPECT_EQ(RefusalOf(forked.status())->place.evidence,
            store_.kept[0].directory);
  EXPECT_EQ(store_.kept[0].files[0].bytes, old_note);
  EXPECT_EQ(store_.kept[0].files[1].bytes, log_.CheckpointNote(kNow));
  EXPECT_EQ(store_.bytes, before);
  has_tiles_ = true;
  Publish(11);
  EXPECT_THAT(Refresh(), IsOk());
}

TEST_F(RefreshTest, AForkBelowALargerLogIsFoundByItsTiles) {
  ASSERT_THAT(Refresh(), IsOk());
  log_ = PublishedLog();
  for (int i = 1; i <= 10; ++i) log_.Append(ExampleLeaf(i));
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kLogFork));
  EXPECT_EQ(store_.kept.size(), 1u);
}

// No fall back to first use.
TEST_F(RefreshTest, ACorruptStateIsRefused) {
  store_.bytes = "";
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kStateCorrupt));
  store_.bytes = "orrery/state/v1\n";
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kStateCorrupt));
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(RefreshTest, TheEvidenceOfAForkOfRecordsIsBothLeaves) {
  TestLog records;
  log_ = PublishedLog();
  const auto take = [&](const Record& record) {
    (void)records.Append(record);
    log_.Append(TestLog::LeafOf(record));
  };
  take(records.Source("universe"));
  take(records.Observed("universe", "kafka", 57, 1, "a"));
  take(records.Observed("universe", "kafka", 57, 1, "b"));
  log_.AppendIndex(kNow);
  auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  ASSERT_EQ(refreshed->log.state.void_leaves.size(), 1u);
  const auto evidence =
      EvidenceOf(refreshed->log.state.void_leaves[0], *refreshed, {});
  ASSERT_THAT(evidence, IsOk());
  EXPECT_EQ(evidence->files[0].bytes, log_.leaves()[1]);
  EXPECT_EQ(evidence->files[1].bytes, log_.leaves()[2]);
}

// §14.4.
TEST(MirrorTest, WhatAMirrorMaySpoilIsTriedElsewhere) {
  for (const RefusalCode code :
       {RefusalCode::kLogSyntax, RefusalCode::kLogSignature,
        RefusalCode::kLogStale, RefusalCode::kLogRollback,
        RefusalCode::kLogTile, RefusalCode::kIndexMismatch,
        RefusalCode::kContentDigest}) {
    EXPECT_TRUE(MayTryNextMirror(Refuse(code, "x"))) << RefusalName(code);
  }
  EXPECT_TRUE(MayTryNextMirror(absl::UnavailableError("no route")));
  for (const RefusalCode code :
       {RefusalCode::kLogFork, RefusalCode::kRecordFork,
        RefusalCode::kStateWrite, RefusalCode::kVersionAbsent,
        RefusalCode::kContentTree}) {
    EXPECT_FALSE(MayTryNextMirror(Refuse(code, "x"))) << RefusalName(code);
  }
}

}  // namespace
}  // namespace orrery::signing
