#include "registry/log/registry_log.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/judge/content_packer.h"
#include "registry/store/durable_file.h"
#include "signing/log/checkpoint.h"
#include "signing/log/consistency_guard.h"
#include "signing/log/merkle.h"
#include "signing/log/tile_reader.h"
#include "signing/record/leaf.h"
#include "signing/replay/catalog.h"
#include "signing/replay/replay.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::Record;
using signing::RecordKind;
using signing::TileId;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::Not;

constexpr char kCommit[] = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68";

signing::SourceRecord MutableSource() {
  signing::SourceRecord source;
  source.id = "universe";
  signing::GitOrigin origin;
  origin.repository = {"https://git.example/u.git", "refs/heads/main"};
  origin.directory = ".";
  source.origin = origin;
  source.priority = 100;
  source.mode = signing::RevisionMode::kMutable;
  return source;
}

Record Observed(int64_t release, int64_t revision = 1,
                const std::string& package = "hello") {
  signing::ObservedRecord body;
  body.sighting.source = "universe";
  body.sighting.state = std::string(kCommit);
  body.content.release = release;
  body.content.revision = revision;
  body.content.version = "1.0";
  const auto file = [](int64_t r) {
    return Digest::Of(absl::StrCat("revision ", r));
  };
  const auto tree = [&](int64_t r) {
    const signing::TreeHash::File files[] = {{"package.json", file(r)}};
    return signing::TreeHash::Of(package, release, files);
  };
  if (revision > 1) body.content.replaces = tree(revision - 1);
  body.content.tree = tree(revision);
  body.content.files = {{file(revision), 10, "package.json"}};
  Record record;
  record.kind = RecordKind::kObserved;
  record.package = package;
  record.body = body;
  return record;
}

std::vector<NewLeaf> Releases(int64_t first, int64_t count) {
  std::vector<NewLeaf> leaves;
  for (int64_t i = 0; i < count; ++i) leaves.push_back(Observed(first + i));
  return leaves;
}

Digest CatalogOf(absl::string_view index_leaf) {
  const auto leaf = signing::ParseLeaf(index_leaf);
  EXPECT_THAT(leaf, IsOk());
  return leaf.ok() ? std::get<signing::IndexRecord>(leaf->record.body).catalog
                   : Digest();
}

class LogTiles : public signing::TileSource {
 public:
  explicit LogTiles(RegistryLog* log) : log_(*log) {}
  absl::StatusOr<std::string> ReadTile(const TileId& id) override {
    return log_.ReadTile(id);
  }

 private:
  RegistryLog& log_;
};

class RegistryLogTest : public ::testing::Test {
 protected:
  RegistryLogTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/log_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(MakeDirectory(data_dir_, 0700), IsOk());
  }

  std::unique_ptr<RegistryLog> Open() {
    auto log = RegistryLog::Open({.data_dir = data_dir_,
                                  .origin = "registry.example/main",
                                  .checkpoint_witness = witness_,
                                  .durable = false,
                                  .now = [this] { return now_; }});
    EXPECT_THAT(log, IsOk());
    return log.ok() ? *std::move(log) : nullptr;
  }

  // A log with one source and one release: four leaves.
  std::unique_ptr<RegistryLog> OpenWithRelease() {
    auto log = Open();
    EXPECT_THAT(log->LogSource(MutableSource()), IsOk());
    EXPECT_THAT(log->Append(Releases(0, 1), ReadMark{"universe", kCommit}),
                IsOk());
    return log;
  }

  // Changes the file of a log that is closed.
  void Execute(const std::string& sql) {
    sqlite3* database = nullptr;
    const std::string path = absl::StrCat(data_dir_, "/", kLogFile);
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // Lets nothing be written to the file until Mend.
  void Break(absl::string_view file) {
    broken_ = absl::StrCat(data_dir_, "/", file, ".tmp");
    ASSERT_EQ(mkdir(broken_.c_str(), 0700), 0);
  }
  void Mend() { ASSERT_EQ(rmdir(broken_.c_str()), 0); }

  absl::StatusOr<signing::Checkpoint> Verified(RegistryLog& log) {
    const auto note = log.checkpoint();
    if (note == nullptr) return absl::NotFoundError("no checkpoint");
    const std::vector<signing::Vkey> keys = {log.keys().log.vkey()};
    const std::vector<signing::Vkey> cosigners = {
        log.keys().timestamper.vkey()};
    const auto opened = signing::OpenCheckpoint(*note, keys, cosigners);
    if (!opened.ok()) return opened.status();
    EXPECT_TRUE(opened->cosigner_times[0].has_value());
    return opened->checkpoint;
  }

  // All entries, tied to the checkpoint.
  std::vector<std::string> Entries(RegistryLog& log) {
    std::vector<std::string> entries;
    const auto checkpoint = Verified(log);
    EXPECT_THAT(checkpoint, IsOk());
    LogTiles tiles(&log);
    auto reader =
        signing::TileReader::Open(checkpoint->size, checkpoint->root, tiles);
    EXPECT_THAT(reader, IsOk());
    if (!reader.ok()) return entries;
    for (uint64_t i = 0; i * 256 < checkpoint->size; ++i) {
      auto bundle = reader->Entries(i);
      EXPECT_THAT(bundle, IsOk());
      if (!bundle.ok()) return entries;
      entries.insert(entries.end(), bundle->begin(), bundle->end());
    }
    return entries;
  }

  const std::string data_dir_;
  std::string witness_;
  std::string broken_;
  absl::Time now_ = absl::FromUnixSeconds(1'795'344'000);
};

TEST_F(RegistryLogTest, AnEmptyLogHasNoCheckpoint) {
  const auto log = Open();
  log->Start();
  log->Stop();
  EXPECT_THAT(log->checkpoint(), IsNull());
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
    const auto catalog = log->ReadCatalog(index.catalog);
    ASSERT_THAT(catalog, IsOk());
    EXPECT_EQ(Digest::Of(*catalog), index.catalog);
    EXPECT_EQ(catalog->size(), static_cast<size_t>(index.catalog_bytes));
  }
}

TEST_F(RegistryLogTest, ServesTilesOfPublishedSizesOnly) {
  const auto log = OpenWithRelease();
  ASSERT_THAT(log->Append(Releases(1, 595), std::nullopt), IsOk());
  EXPECT_EQ(Entries(*log).size(), 600U);
  // 600 = 2 · 256 + 88.
  EXPECT_THAT(log->ReadTile({0, 0, 256}), IsOk());
  EXPECT_THAT(log->ReadTile({0, 2, 88}), IsOk());
  EXPECT_THAT(log->ReadTile({1, 0, 2}), IsOk());
  EXPECT_THAT(log->ReadTile({TileId::kEntries, 2, 88}), IsOk());
  // Of the sizes 2 and 4.
  EXPECT_THAT(log->ReadTile({0, 0, 4}), IsOk());
  for (const TileId& id :
       {TileId{0, 0, 3}, TileId{0, 2, 87}, TileId{0, 2, 89}, TileId{0, 2, 256},
        TileId{0, 3, 1}, TileId{1, 0, 1}, TileId{2, 0, 1},
        TileId{TileId::kEntries, 0, 5}, TileId{0, uint64_t{1} << 60, 256}}) {
    EXPECT_THAT(log->ReadTile(id), StatusIs(absl::StatusCode::kNotFound))
        << signing::FormatTilePath(id);
  }
}

TEST_F(RegistryLogTest, FindsLeavesByTheirHash) {
  const auto log = OpenWithRelease();
  const std::vector<std::string> entries = Entries(*log);
  EXPECT_THAT(log->ReadLeaf(signing::LeafHash(entries[2])),
              IsOkAndHolds(entries[2]));
  EXPECT_THAT(log->ReadLeaf(Digest::Of("")),
              StatusIs(absl::StatusCode::kNotFound));
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
    const std::string before = *log->checkpoint();
    const size_t size = Entries(*log).size();
    Break(file);
    now_ += absl::Seconds(5);
    EXPECT_THAT(log->Append({Observed(100)}, std::nullopt), Not(IsOk()));
    // What was published stays whole.
    EXPECT_EQ(*log->checkpoint(), before);
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
      signing::OpenCheckpoint(*log->checkpoint(), keys, cosigners);
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
    const auto state = ReadWholeFile(path);
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

TEST_F(RegistryLogTest, GivesACheckpointWithWhatItsLeavesSay) {
  auto log = Open();
  auto published = log->ReadPublished();
  ASSERT_THAT(published, IsOk());
  EXPECT_THAT(published->note, IsNull());
  EXPECT_THAT(published->state, IsNull());
  log.reset();
  log = OpenWithRelease();
  const auto first = log->ReadPublished();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->note, log->checkpoint());
  EXPECT_EQ(first->state->size, 4);
  // The same for all who ask.
  EXPECT_EQ(log->ReadPublished()->state, first->state);
  ASSERT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  const auto second = log->ReadPublished();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->note, log->checkpoint());
  EXPECT_EQ(second->state->size, 6);
  EXPECT_EQ(first->state->size, 4);
  // What was appended and not published is not of it.
  Break("keys/log.state");
  EXPECT_THAT(log->Append({Observed(2)}, std::nullopt), Not(IsOk()));
  EXPECT_EQ(log->ReadPublished()->state->size, 6);
  Mend();
  log.reset();
  log = Open();
  EXPECT_EQ(log->ReadPublished()->state->size, 6);
  EXPECT_EQ(log->ReadPublished()->note, log->checkpoint());
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

TEST_F(RegistryLogTest, KeepsTheCatalogsOfSixteenCheckpoints) {
  const auto log = OpenWithRelease();
  for (int64_t i = 1; i <= 16; ++i) {
    ASSERT_THAT(log->Append({Observed(i)}, std::nullopt), IsOk());
  }
  const std::vector<std::string> entries = Entries(*log);
  std::vector<bool> kept;
  for (size_t i = 1; i < entries.size(); i += 2) {
    kept.push_back(log->ReadCatalog(CatalogOf(entries[i])).ok());
  }
  ASSERT_EQ(kept.size(), 18U);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), true), 16);
  EXPECT_FALSE(kept[1]);
  EXPECT_TRUE(kept[2]);
}

TEST_F(RegistryLogTest, DropsThePackageLinesThatNoKeptCatalogHas) {
  {
    const auto log = OpenWithRelease();
    for (int64_t i = 1; i <= 30; ++i) {
      ASSERT_THAT(log->Append({Observed(i)}, std::nullopt), IsOk());
    }
  }
  // Fails where a row breaks it.
  Execute(
      "CREATE TABLE most (lines INTEGER CHECK (lines BETWEEN 16 AND 17)); "
      "INSERT INTO most SELECT count(*) FROM package_lines");
}

TEST_F(RegistryLogTest, KeepsTheCatalogOfACheckpointThatNoneFollows) {
  const auto log = OpenWithRelease();
  const std::string last = Entries(*log).back();
  Break("keys/log.state");
  for (int64_t i = 1; i <= 20; ++i) {
    EXPECT_THAT(log->Append({Observed(i)}, std::nullopt), Not(IsOk()));
  }
  Mend();
  EXPECT_THAT(log->ReadCatalog(CatalogOf(last)), IsOk());
  EXPECT_THAT(log->PublishedCatalogOf("hello"),
              IsOkAndHolds(HasSubstr("\nrelease universe 0 1 ")));
}

// Each index leaf names what a replay of the leaves before it gives.
TEST_F(RegistryLogTest, EveryCatalogIsThatOfAReplay) {
  const auto log = OpenWithRelease();
  signing::SourceRecord other = MutableSource();
  other.id = "other";
  ASSERT_THAT(log->LogSource(other), IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "zoo"), Observed(1)}, std::nullopt),
              IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt), IsOk());
  ASSERT_THAT(log->Append({Observed(1, 2)}, std::nullopt), IsOk());
  ASSERT_THAT(log->RetireSource("universe"), IsOk());
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  ASSERT_THAT(log->Append({Observed(1, 1, "adder")}, std::nullopt), IsOk());
  signing::Replay replay("registry.example/main");
  int catalogs = 0;
  for (const std::string& entry : Entries(*log)) {
    const std::string catalog = signing::PrintCatalog(replay.state());
    ASSERT_THAT(replay.Append(entry), IsOk());
    if (absl::StrContains(entry, "\nkind index\n")) {
      EXPECT_THAT(log->ReadCatalog(CatalogOf(entry)), IsOkAndHolds(catalog));
      ++catalogs;
    }
  }
  EXPECT_EQ(catalogs, 9);
}

TEST_F(RegistryLogTest, GivesOfThePublishedCatalogOnePackage) {
  const auto log = Open();
  EXPECT_THAT(log->PublishedCatalogOf("hello"), IsOkAndHolds(""));
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "adder"), Observed(0)}, std::nullopt),
              IsOk());
  EXPECT_THAT(log->PublishedCatalogOf("hello"),
              IsOkAndHolds(AllOf(HasSubstr("\nsource universe 1 "),
                                 HasSubstr("\npackage hello\n"),
                                 Not(HasSubstr("adder")))));
  EXPECT_THAT(log->PublishedCatalogOf("none"),
              IsOkAndHolds(AllOf(HasSubstr("\nsource universe 1 "),
                                 Not(HasSubstr("\npackage ")))));
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
  EXPECT_THAT(log->ReadCatalog(CatalogOf(last)),
              IsOkAndHolds(HasSubstr("\nrelease universe 0 1 ")));
  ASSERT_THAT(log->Append({Observed(0, 2)}, std::nullopt), IsOk());
  EXPECT_THAT(log->PublishedCatalogOf("hello"),
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
  EXPECT_THAT(Open()->ReadCatalog(CatalogOf(last)), IsOk());
}

// Rules may become stricter than those by which a leaf was logged.
TEST_F(RegistryLogTest, AVoidLeafIsSaidInEveryLaterCatalog) {
  OpenWithRelease().reset();
  // The tree keeps the hash that it had.
  Execute(
      "UPDATE leaf SET bytes = CAST('void' AS BLOB) WHERE idx = 2; DELETE FROM "
      "reading");
  const auto log = Open();
  ASSERT_NE(log, nullptr);
  ASSERT_THAT(log->Append({Observed(0)}, std::nullopt), IsOk());
  for (const absl::string_view package : {"hello", "none"}) {
    EXPECT_THAT(log->PublishedCatalogOf(package),
                IsOkAndHolds(HasSubstr("\nvoid 2 record.syntax\n")));
  }
  EXPECT_EQ(log->ReadPublished()->state->void_leaves.size(), 1U);
}

TEST_F(RegistryLogTest, ACheckpointIsAChangeOfThePackagesItsLeavesSpeakOf) {
  const auto log = OpenWithRelease();
  const uint64_t hello = log->EpochOf("hello");
  const uint64_t adder = log->EpochOf("adder");
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt), IsOk());
  EXPECT_EQ(log->EpochOf("hello"), hello);
  EXPECT_GT(log->EpochOf("adder"), adder);
  // The states of all of its releases may be others.
  signing::SourceRecord moved = MutableSource();
  moved.priority = 5;
  ASSERT_THAT(log->LogSource(moved), IsOk());
  EXPECT_GT(log->EpochOf("hello"), hello);
}

TEST_F(RegistryLogTest, NothingIsLoggedOfAPackageThatCannotBeRead) {
  const int64_t size = Entries(*OpenWithRelease()).size();
  Execute("UPDATE leaf SET bytes = CAST('damaged' AS BLOB) WHERE idx = 2");
  const auto log = Open();
  EXPECT_THAT(log->Append({Observed(1)}, std::nullopt),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(log->published_size(), size);
  EXPECT_THAT(log->Append({Observed(1, 1, "adder")}, std::nullopt), IsOk());
}

}  // namespace
}  // namespace orrery::registry
