#include "signing/client/replayed_log.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/client/checkpoint_check.h"
#include "signing/example_testing.h"
#include "signing/log/merkle.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_testing.h"
#include "signing/replay/published_log_testing.h"

namespace orrery::signing {
namespace {

constexpr int64_t kNow = 1795351203;

RegistryTrust Trust() {
  const auto policy = ParseClientPolicy(
      "policy 1\nregistry public https://registry.example/main\n"
      "tlog-policy t\nnames-file n\nwitnesses timestamper\n");
  EXPECT_THAT(policy, IsOk());
  auto trust =
      OpenRegistryTrust(policy->registries()[0], ExampleFile("tlog-policy"),
                        ExampleFile("names"), "0.1.0");
  EXPECT_THAT(trust, IsOk());
  return *std::move(trust);
}

ClientState Accepted(const PublishedLog& log) {
  const auto fresh =
      CheckCheckpoint(Trust(), log.CheckpointNote(kNow),
                      absl::FromUnixSeconds(kNow), Transport::kOnline);
  EXPECT_THAT(fresh, IsOk());
  return fresh->state;
}

absl::StatusOr<LogState> Replayed(PublishedLog& log,
                                  const std::optional<ClientState>& stored = {},
                                  KnownLeaves known = KnownLeaves::kNone) {
  const ClientState accepted = Accepted(log);
  auto reader =
      TileReader::Open(accepted.checkpoint.size, accepted.checkpoint.root, log);
  EXPECT_THAT(reader, IsOk());
  return ReplayLog(Trust(), stored, accepted, known,
                   absl::FromUnixSeconds(kNow), *reader);
}

TEST(ReplayedLogTest, OfTheExampleAgreesWithItsLastLeaf) {
  PublishedLog log;
  for (int i = 0; i < kExampleLeaves; ++i) log.Append(ExampleLeaf(i));
  const auto replayed = Replayed(log);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(PrintNamedCatalog(*replayed), ExampleFile("catalog-10"));
  EXPECT_EQ(replayed->size, kExampleLeaves);
  EXPECT_EQ(TimeOf(*replayed, 9), 1795351200);
}

TEST(ReplayedLogTest, ALogThatEndsWithoutAnIndexIsRefused) {
  PublishedLog log;
  for (int i = 0; i < 10; ++i) log.Append(ExampleLeaf(i));
  EXPECT_THAT(Replayed(log), Refused(RefusalCode::kIndexMissing));
  log.Append("no record");
  EXPECT_THAT(Replayed(log), Refused(RefusalCode::kIndexMissing));
}

// §25 F9: a catalog, correctly hashed, that hides something.
TEST(ReplayedLogTest, ACatalogThatSaysOtherThanTheLeavesIsRefused) {
  TestLog test_log;
  PublishedLog log;
  log.Append(TestLog::LeafOf(test_log.Source("universe")));
  ASSERT_THAT(test_log.Append(test_log.Source("universe")), IsOk());
  Record index = test_log.Index(kNow);
  const std::string hiding = "orrery/catalog/v1\n";
  std::get<IndexRecord>(index.body).catalog = Digest::Of(hiding);
  std::get<IndexRecord>(index.body).catalog_bytes = 18;
  log.Append(TestLog::LeafOf(index));
  EXPECT_THAT(Replayed(log), Refused(RefusalCode::kIndexMismatch));
}

TEST(ReplayedLogTest, ACatalogHasTheLengthThatItsIndexSays) {
  TestLog test_log;
  const Record source = test_log.Source("universe");
  ASSERT_THAT(test_log.Append(source), IsOk());
  Record index = test_log.Index(kNow);
  const std::string catalog = PrintCatalog(test_log.state());
  std::get<IndexRecord>(index.body).catalog = Digest::Of(catalog);
  const auto bytes = static_cast<int64_t>(catalog.size());
  for (const auto& [said, is_right] :
       {std::pair(bytes, true), std::pair(bytes + 1, false)}) {
    std::get<IndexRecord>(index.body).catalog_bytes = said;
    PublishedLog log;
    log.Append(TestLog::LeafOf(source));
    log.Append(TestLog::LeafOf(index));
    EXPECT_EQ(Replayed(log).ok(), is_right) << said;
  }
}

TEST(ReplayedLogTest, AnEmptyLogIsRefused) {
  PublishedLog log;
  for (const KnownLeaves known : {KnownLeaves::kNone, KnownLeaves::kGood}) {
    EXPECT_THAT(Replayed(log, {}, known), Refused(RefusalCode::kIndexMissing));
  }
}

TEST(ReplayedLogTest, AKnownLogEndsWithItsIndexToo) {
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  log.AppendIndex(kNow);
  log.Append(TestLog::LeafOf(TestLog().Source("other")));
  EXPECT_THAT(Replayed(log, {}, KnownLeaves::kGood),
              Refused(RefusalCode::kIndexMissing));
}

TEST(ReplayedLogTest, TheLastLeafSaysItsPlace) {
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  log.Append(ExampleLeaf(2));
  EXPECT_THAT(Replayed(log), Refused(RefusalCode::kIndexMismatch));
}

TEST(ReplayedLogTest, TheTimeOfTheLastLeafIsPlausible) {
  for (const auto& [time, is_plausible] :
       {std::pair(kNow, true), std::pair(kNow + 300, true),
        std::pair(kNow + 301, false), std::pair(int64_t{0}, true)}) {
    PublishedLog log;
    log.Append(ExampleLeaf(0));
    log.AppendIndex(time);
    EXPECT_EQ(Replayed(log).ok(), is_plausible) << time;
  }
}

TEST(ReplayedLogTest, ALeafThatIsNewIsNotOlderThanWhatWasSeen) {
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  log.AppendIndex(kNow - 301);
  ClientState stored = Accepted(log);
  stored.quorum_time = kNow;
  // Known already: of whatever time.
  EXPECT_THAT(Replayed(log, stored), IsOk());
  stored.checkpoint.size = 1;
  EXPECT_THAT(Replayed(log, stored), Refused(RefusalCode::kIndexMismatch));
  stored.quorum_time = kNow - 1;
  EXPECT_THAT(Replayed(log, stored), IsOk());
}

// Else what is published now could be given an age that passes any min-age.
TEST(ReplayedLogTest, NoNewIndexLeafIsOlderThanWhatWasSeen) {
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  log.AppendIndex(kNow - 400);
  log.AppendIndex(kNow - 301);
  log.AppendIndex(kNow);
  ClientState stored = Accepted(log);
  stored.quorum_time = kNow;
  for (const auto& [size, is_plausible] :
       {std::pair(1, false), std::pair(2, false), std::pair(3, true)}) {
    stored.checkpoint.size = size;
    EXPECT_EQ(Replayed(log, stored).ok(), is_plausible) << size;
  }
}

TEST(ReplayedLogTest, AnIndexLeafOfAnotherLogEndsNone) {
  TestLog other("other.example/x");
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  Record index = other.Index(kNow);
  std::get<IndexRecord>(index.body).size = 1;
  log.Append(TestLog::LeafOf(index));
  EXPECT_THAT(Replayed(log), Refused(RefusalCode::kIndexMissing));
}

TEST(ReplayedLogTest, VoidLeavesRefuseNoLog) {
  PublishedLog log;
  log.Append(ExampleLeaf(0));
  log.Append("package kafka\n\n");
  log.AppendIndex(kNow);
  const auto replayed = Replayed(log);
  ASSERT_THAT(replayed, IsOk());
  ASSERT_EQ(replayed->void_leaves.size(), 1u);
  EXPECT_EQ(replayed->void_leaves[0].leaf_hash, LeafHash("package kafka\n\n"));
}

TEST(ReplayedLogTest, OfKnownLeavesIsTheSame) {
  PublishedLog log;
  for (int i = 0; i < kExampleLeaves; ++i) log.Append(ExampleLeaf(i));
  const auto known = Replayed(log, {}, KnownLeaves::kGood);
  ASSERT_THAT(known, IsOk());
  EXPECT_EQ(PrintNamedCatalog(*known), ExampleFile("catalog-10"));
}

// The clock may have been set back since, and with `quorum none` it is all that
// the time is measured by.
TEST(ReplayedLogTest, TimesOfKnownLeavesArePlausible) {
  for (const auto& [time, is_plausible] :
       {std::pair(kNow + 300, true), std::pair(kNow + 301, false)}) {
    PublishedLog log;
    log.Append(ExampleLeaf(0));
    log.AppendIndex(time);
    EXPECT_EQ(Replayed(log, {}, KnownLeaves::kGood).ok(), is_plausible) << time;
  }
}

TEST(ReplayedLogTest, LeavesAreReadByTheirPlaceInMoreThanOneBundle) {
  TestLog test_log;
  PublishedLog log;
  const auto take = [&](const Record& record) {
    ASSERT_THAT(test_log.Append(record), IsOk());
    log.Append(TestLog::LeafOf(record));
  };
  take(test_log.Source("universe"));
  for (int i = 0; i < 600; ++i) {
    take(test_log.Observed("universe", "kafka", i, 1, absl::StrCat(i)));
  }
  log.AppendIndex(kNow);
  const ClientState accepted = Accepted(log);
  auto reader =
      TileReader::Open(accepted.checkpoint.size, accepted.checkpoint.root, log);
  ASSERT_THAT(reader, IsOk());
  const auto replayed = ReplayLog(Trust(), {}, accepted, KnownLeaves::kNone,
                                  absl::FromUnixSeconds(kNow), *reader);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->size, 602);
  const auto leaf = ReadLeaf(300, *reader);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(std::get<ObservedRecord>(leaf->record.body).content.release, 299);
}

}  // namespace
}  // namespace orrery::signing
