#include "signing/client/refresh.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/log/merkle.h"
#include "signing/log/tile.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"
#include "signing/replay/replay.h"

namespace orrery::signing {
namespace {

using ::testing::Contains;
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
  std::optional<std::string> ReadSound() override { return sound; }
  absl::Status WriteSound(absl::string_view written) override {
    events_.push_back("write sound");
    if (!sound_status.ok()) return sound_status;
    sound = std::string(written);
    return absl::OkStatus();
  }
  absl::Status Keep(const ForkEvidence& evidence) override {
    kept.push_back(evidence);
    return absl::OkStatus();
  }

  std::optional<std::string> bytes;
  std::optional<std::string> replayed;
  std::optional<std::string> sound;
  absl::Status write_status;
  absl::Status sound_status;
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
    auto tile = log_.ReadTile(id);
    if (has_wrong_entries_ && id.level == TileId::kEntries && tile.ok()) {
      tile->back() ^= 1;
    }
    return tile;
  }

  std::vector<std::string> events_;
  FakeStore store_{events_};
  std::optional<RegistryTrust> trust_;
  PublishedLog log_;
  bool has_tiles_ = true;
  bool has_wrong_entries_ = false;
};

TEST_F(RefreshTest, AFirstUseStoresTheCheckpoint) {
  const auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_TRUE(refreshed->is_first_use);
  EXPECT_EQ(refreshed->known_leaves, 0);
  EXPECT_EQ(refreshed->log.size, 8);
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
  EXPECT_EQ(refreshed->log.size, 11);
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
  EXPECT_THAT(events_, Not(Contains(testing::HasSubstr("write"))));
}

class SoundLogTest : public RefreshTest {
 protected:
  // A log whose last leaf names a catalog that is not that of its leaves, so
  // that whoever replays it knows.
  void PublishLie() {
    TestLog log;
    log_ = PublishedLog();
    log_.Append(TestLog::LeafOf(log.Source("universe")));
    ASSERT_THAT(log.Append(log.Source("universe")), IsOk());
    log_.Append(TestLog::LeafOf(log.Index(kNow)));
  }

  // What is stored of the log as it is, once it is found sound.
  std::string Note() const {
    MerkleFrontier tree;
    for (const std::string& leaf : log_.leaves()) tree.Append(LeafHash(leaf));
    return absl::StrCat("orrery/sound/v1\nrules ", kReplayRules,
                        "\norigin registry.example/main\nsize ", tree.size(),
                        "\nroot sha256:", tree.Root().Hex(), "\n");
  }
};

TEST_F(SoundLogTest, WhatWasReplayedIsNotedOnce) {
  ASSERT_THAT(Refresh(kNow - 5), IsOk());
  EXPECT_THAT(events_, Contains("write sound"));
  EXPECT_EQ(store_.sound, Note());
  // Another note of the same leaves.
  ASSERT_THAT(Refresh(), IsOk());
  EXPECT_THAT(events_, Not(Contains("write sound")));
  Publish(11);
  ASSERT_THAT(Refresh(), IsOk());
  EXPECT_THAT(events_, Contains("write sound"));
}

TEST_F(SoundLogTest, WhatWasReplayedIsNotJudgedAgain) {
  PublishLie();
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch));
  EXPECT_EQ(store_.sound, std::nullopt);
  store_.sound = Note();
  const auto refreshed = Refresh();
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_EQ(refreshed->log.size, 2);
  // Yet each leaf is tied to the root.
  has_wrong_entries_ = true;
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kLogTile));
}

TEST_F(SoundLogTest, AnyOtherNoteIsNone) {
  PublishLie();
  const std::string right = Note();
  std::vector<std::string> others = {"", right + "\n",
                                     right.substr(0, right.size() - 1)};
  for (const auto& [from, to] :
       {std::pair("rules 1\n", "rules 0\n"), std::pair("main\n", "next\n"),
        std::pair("size 2\n", "size 3\n"), std::pair("sha256:", "sha256:0"),
        std::pair("/v1", "/v2")}) {
    others.push_back(absl::StrReplaceAll(right, {{from, to}}));
    ASSERT_NE(others.back(), right) << from;
  }
  for (const std::string& other : others) {
    store_.sound = other;
    EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMismatch)) << other;
  }
}

TEST_F(SoundLogTest, ALogThatEndsWithoutAnIndexIsRefusedAllTheSame) {
  TestLog log;
  log_ = PublishedLog();
  log_.Append(TestLog::LeafOf(log.Source("universe")));
  store_.sound = Note();
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kIndexMissing));
}

TEST_F(SoundLogTest, AVoidLeafIsLookedForEachTime) {
  log_ = PublishedLog();
  log_.Append("package kafka\n\n");
  log_.AppendIndex(kNow);
  for (int i = 0; i < 2; ++i) {
    const auto refreshed = Refresh();
    ASSERT_THAT(refreshed, IsOk());
    EXPECT_EQ(refreshed->log.void_leaves.size(), 1u);
    EXPECT_EQ(store_.sound, std::nullopt);
  }
}

TEST_F(SoundLogTest, WhatCannotBeNotedIsSaid) {
  store_.sound_status = Refuse(RefusalCode::kStateWrite, "disk full");
  EXPECT_THAT(Refresh(), Refused(RefusalCode::kStateWrite));
  store_.sound_status = absl::OkStatus();
  EXPECT_THAT(Refresh(), IsOk());
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
  ASSERT_EQ(refreshed->log.void_leaves.size(), 1u);
  const auto evidence =
      EvidenceOf(refreshed->log.void_leaves[0], *refreshed, {});
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
