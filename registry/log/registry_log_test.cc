#include "registry/log/registry_log.h"

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/judge/content_packer.h"
#include "registry/log/registry_log_testing.h"
#include "registry/log/signer_file.h"
#include "registry/store/durable_file.h"
#include "signing/log/checkpoint.h"
#include "signing/log/consistency_guard.h"
#include "signing/record/leaf.h"
#include "signing/replay/catalog.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::Not;

TEST_F(RegistryLogTest, AnEmptyLogHasNoCheckpoint) {
  const auto log = Open();
  log->Start();
  log->Stop();
  EXPECT_THAT(log->published().checkpoint(), IsNull());
}

TEST_F(RegistryLogTest, EveryBatchEndsWithTheIndexLeafOfItsCatalog) {
  const auto log = OpenWithRelease();
  const std::vector<std::string> entries = Entries(*log);
  ASSERT_EQ(entries.size(), 4U);
  signing::Replay replay("registry.example/main");
  for (const std::string& entry : entries) {
    EXPECT_THAT(replay.Append(entry), IsOk()) << entry;
  }
  for (const size_t place : {1, 3}) {
    const auto leaf = signing::ParseLeaf(entries[place]);
    ASSERT_THAT(leaf, IsOk());
    const auto& index = std::get<signing::IndexRecord>(leaf->record.body);
    EXPECT_EQ(index.size, static_cast<int64_t>(place));
    EXPECT_EQ(index.unix_seconds, 1'795'344'000);
    const auto catalog = log->published().ReadCatalog(index.catalog);
    ASSERT_THAT(catalog, IsOk());
    EXPECT_EQ(Digest::Of(*catalog), index.catalog);
    EXPECT_EQ(catalog->size(), static_cast<size_t>(index.catalog_bytes));
  }
}

TEST_F(RegistryLogTest, GoesOnAfterARestart) {
  OpenWithRelease();
  const auto log = Open();
  EXPECT_THAT(log->ReadMarkOf("universe"), IsOkAndHolds(kCommit));
  ASSERT_THAT(log->Append({Observed(0, 2)}, std::nullopt), IsOk());
  const std::vector<std::string> entries = Entries(*log);
  ASSERT_EQ(entries.size(), 6U);
  const auto leaf = signing::ParseLeaf(entries[4]);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(leaf->record.seq, 2);
}

TEST_F(RegistryLogTest, LogsASourceOnceAsLongAsItSaysTheSame) {
  const auto log = Open();
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  EXPECT_EQ(Entries(*log).size(), 2U);
  signing::SourceRecord moved = MutableSource();
  moved.priority = 5;
  ASSERT_THAT(log->LogSource(moved), IsOk());
  EXPECT_EQ(Entries(*log).size(), 4U);
}

TEST_F(RegistryLogTest, ARetiredSourceIsNotObservedAnyMore) {
  const auto log = OpenWithRelease();
  ASSERT_THAT(log->RetireSource("universe"), IsOk());
  EXPECT_THAT(log->ReadMarkOf("universe"), IsOkAndHolds(""));
  EXPECT_THAT(log->Append({Observed(1)}, std::nullopt),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(Entries(*log).size(), 6U);
}

TEST_F(RegistryLogTest, NeverLogsWhatWouldBeVoid) {
  const auto log = OpenWithRelease();
  EXPECT_THAT(
      log->Append({Observed(1), Observed(0, 3)}, std::nullopt),
      StatusIs(absl::StatusCode::kInternal, HasSubstr("nothing was logged")));
  EXPECT_EQ(Entries(*log).size(), 4U);
  EXPECT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  EXPECT_EQ(Entries(*log).size(), 6U);
}

TEST_F(RegistryLogTest, ACrashBeforeAnySignatureIsMadeGood) {
  for (const char* file : {"keys/log.state", "keys/timestamper.state"}) {
    auto log = OpenWithRelease();
    const std::string before = *log->published().checkpoint();
    const size_t size = Entries(*log).size();
    Break(file);
    now_ += absl::Seconds(5);
    EXPECT_THAT(log->Append({Observed(100)}, std::nullopt), Not(IsOk()));
    // What was published stays whole.
    EXPECT_EQ(*log->published().checkpoint(), before);
    EXPECT_EQ(Entries(*log).size(), size);
    Mend();
    now_ += absl::Hours(5);
    log.reset();
    log = Open();
    log->Start();
    log->Stop();
    const std::vector<std::string> entries = Entries(*log);
    ASSERT_EQ(entries.size(), size + 2);
    // The time of the append, not of the repetition.
    EXPECT_THAT(entries.back(),
                HasSubstr(absl::StrCat(
                    "time ", absl::ToUnixSeconds(now_ - absl::Hours(5)))));
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }
}

TEST_F(RegistryLogTest, CosignsAgainThoughNothingGrew) {
  auto log = OpenWithRelease();
  now_ += absl::Minutes(11);
  log.reset();
  log = Open();
  // From the start on.
  log->Start();
  const std::vector<signing::Vkey> keys = {log->keys().log.vkey()};
  const std::vector<signing::Vkey> cosigners = {log->keys().timestamper.vkey()};
  const auto opened =
      signing::OpenCheckpoint(*log->published().checkpoint(), keys, cosigners);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->checkpoint.size, 4U);
  EXPECT_EQ(opened->cosigner_times[0],
            static_cast<uint64_t>(absl::ToUnixSeconds(now_)));
}

TEST_F(RegistryLogTest, AnOlderLogThanItsKeySignedIsNotContinued) {
  OpenWithRelease();
  const std::string backup = absl::StrCat(data_dir_, "/backup.db");
  const std::string file = absl::StrCat(data_dir_, "/log.db");
  std::filesystem::copy_file(file, backup);
  {
    const auto log = Open();
    ASSERT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  }
  std::filesystem::rename(backup, file);
  for (const char* rest : {"-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(file, rest));
  }
  const auto log = Open();
  EXPECT_THAT(log->writable(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("restored from an older backup")));
  EXPECT_THAT(log->Append({Observed(7)}, std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // What was served before is served on.
  EXPECT_EQ(Entries(*log).size(), 4U);
}

TEST_F(RegistryLogTest, AWholeDirectoryFromABackupIsSeenByTheWitness) {
  witness_ = absl::StrCat(data_dir_, "_witness");
  std::filesystem::remove(witness_);
  const std::string backup = absl::StrCat(data_dir_, "_backup");
  std::filesystem::remove_all(backup);
  OpenWithRelease();
  std::filesystem::copy(data_dir_, backup,
                        std::filesystem::copy_options::recursive);
  {
    const auto log = Open();
    ASSERT_THAT(log->writable(), IsOk());
    ASSERT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  }
  std::filesystem::remove_all(data_dir_);
  std::filesystem::rename(backup, data_dir_);
  EXPECT_THAT(Open()->writable(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("_witness has seen 6")));
}

TEST_F(RegistryLogTest, NothingIsLoggedOnceAKeyHasRefusedToSign) {
  for (const char* file : {"log.state", "timestamper.state"}) {
    auto log = OpenWithRelease();
    const std::string path = absl::StrCat(data_dir_, "/keys/", file);
    const auto state = SignerFile(path).Read();
    ASSERT_THAT(state, IsOk());
    auto ahead = signing::ParseSignerState(*state);
    ASSERT_THAT(ahead, IsOk());
    ahead->checkpoint.size = 9;
    ASSERT_THAT(WriteDurably(path, signing::FormatSignerState(*ahead)), IsOk());
    const auto refused =
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 HasSubstr("a key of the log refuses to sign it"));
    EXPECT_THAT(log->Append({Observed(1)}, std::nullopt), refused);
    EXPECT_THAT(log->writable(), refused);
    EXPECT_THAT(log->Append({Observed(2)}, std::nullopt), refused);
    EXPECT_THAT(log->RetireSource("universe"), refused);
    EXPECT_THAT(log->ReadState([](const signing::LogState& leaves) {
      EXPECT_EQ(leaves.size, 6);
      return absl::OkStatus();
    }),
                IsOk());
    EXPECT_EQ(Entries(*log).size(), 4U);
    log.reset();
    EXPECT_THAT(Open()->writable(),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("restored from an older backup")));
    // With the state that belongs to it the log goes on.
    ASSERT_THAT(WriteDurably(path, *state), IsOk());
    log = Open();
    EXPECT_THAT(log->Append({Observed(2)}, std::nullopt), IsOk());
    EXPECT_EQ(Entries(*log).size(), 8U);
    log.reset();
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }
}

TEST_F(RegistryLogTest, WithoutTheStateOfAKeyNothingIsLogged) {
  for (const char* file : {"log.state", "timestamper.state"}) {
    OpenWithRelease();
    const std::string path = absl::StrCat(data_dir_, "/keys/", file);
    std::filesystem::remove(path);
    const auto log = Open();
    EXPECT_THAT(log->writable(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr(path)));
    EXPECT_EQ(Entries(*log).size(), 4U);
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }
}

TEST_F(RegistryLogTest, AWitnessInTheDataDirectoryIsNone) {
  for (const char* name : {"/witness", "/keys/../witness", "/trust/w"}) {
    const auto log = RegistryLog::Open(
        {.data_dir = data_dir_,
         .checkpoint_witness = absl::StrCat(data_dir_, name)});
    EXPECT_THAT(log, StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("lies in the data directory")))
        << name;
  }
}

TEST_F(RegistryLogTest, AWitnessThatCannotBeReadStopsTheLog) {
  witness_ = absl::StrCat(data_dir_, "_damaged");
  ASSERT_THAT(WriteDurably(witness_, "no note"), IsOk());
  EXPECT_THAT(Open()->writable(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(absl::StrCat("the witness ", witness_))));
}

TEST_F(RegistryLogTest, KeepsTheFilesThatLeavesName) {
  const auto log = Open();
  PackedContent content;
  content.digest = Digest::Of("{}");
  content.size = 2;
  content.packed = ContentPacker().Pack("{}");
  ASSERT_THAT(log->PutContents({content, content}), IsOk());
  EXPECT_THAT(log->ReadContent(content.digest), IsOkAndHolds("{}"));
  EXPECT_THAT(log->ReadContent(Digest::Of("x")),
              StatusIs(absl::StatusCode::kNotFound));
}

// As versions before these tables left it.
TEST_F(RegistryLogTest, ALogOfAnOlderVersionIsReadAgainAndGoesOn) {
  std::string last;
  {
    const auto log = OpenWithRelease();
    last = Entries(*log).back();
  }
  Execute(
      "DROP TABLE reading; DROP TABLE package_leaf; DROP TABLE index_leaf; "
      "DROP TABLE first_sighting; DROP TABLE first_yank; DROP TABLE catalog; "
      "DROP TABLE package_lines; CREATE TABLE catalog (leaf INTEGER); "
      "PRAGMA user_version = 1");
  const auto log = Open();
  ASSERT_NE(log, nullptr);
  EXPECT_THAT(log->published().ReadCatalog(CatalogOf(last)),
              IsOkAndHolds(HasSubstr("\nrelease universe 0 1 ")));
  ASSERT_THAT(log->Append({Observed(0, 2)}, std::nullopt), IsOk());
  EXPECT_THAT(log->published().CatalogOf("hello"),
              IsOkAndHolds(HasSubstr("\nrelease universe 0 2 ")));
  EXPECT_EQ(Entries(*log).size(), 6U);
}

TEST_F(RegistryLogTest, OtherRulesReadTheLogAgain) {
  std::string last;
  {
    const auto log = OpenWithRelease();
    last = Entries(*log).back();
  }
  Execute("UPDATE reading SET rules = rules - 1; DELETE FROM package_lines");
  EXPECT_THAT(Open()->published().ReadCatalog(CatalogOf(last)), IsOk());
}

TEST_F(RegistryLogTest, NothingIsLoggedOfAPackageThatCannotBeRead) {
  const int64_t size = Entries(*OpenWithRelease()).size();
  Execute("UPDATE leaf SET bytes = CAST('damaged' AS BLOB) WHERE idx = 2");
  const auto log = Open();
  EXPECT_THAT(log->Append({Observed(1)}, std::nullopt),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log->published().size(), size);
  EXPECT_THAT(log->Append({Observed(1, 1, "adder")}, std::nullopt), IsOk());
}

}  // namespace
}  // namespace orrery::registry
