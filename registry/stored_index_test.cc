// What a start makes of the index that is there.

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/release_check.h"
#include "registry/index/index_file.h"
#include "registry/index/index_record.h"
#include "registry/index/index_schema.h"
#include "registry/index/index_store.h"
#include "registry/index/sqlite_database.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release.h"
#include "registry/registry_testing.h"
#include "registry/source/source_status.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

using StoredIndexTest = RegistryTest;

TEST_F(StoredIndexTest, RestartServesTheStoredIndexWithoutGit) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1", R"(,"upgradesFrom":["0.9"])");
  Serve();
  const auto before = Status().contents;
  std::filesystem::remove_all(git_->path());
  Reopen();
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0"));
  EXPECT_EQ(Status().state, SyncState::kOk);
  EXPECT_EQ(Status().contents->commit, before->commit);
  EXPECT_EQ(Status().contents->findings, before->findings);
  const SnapshotPtr snapshot = registry_->snapshot();
  EXPECT_THAT(snapshot->ReadFile(**snapshot->Select("kafka", {}), kPackageFile),
              IsOk());
}

TEST_F(StoredIndexTest, OlderVerdictsAreMadeAgainFromTheStoredBytes) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  files_[Directory("kafka", 1) + "/package.json"] = {"[]"};
  Serve();
  const std::vector<std::string> refused = Refused();
  std::filesystem::remove_all(git_->path());
  registry_ = nullptr;
  {
    // As rules that refused everything would have left it.
    const auto index =
        *SqliteDatabase::Open(folder_ + "/data/index.db", IndexMigrations());
    ASSERT_THAT(index->Execute(absl::StrCat(
                    "UPDATE entry SET verdict = 1; UPDATE source SET "
                    "counts = 'refused 2', rules_version = ",
                    kRulesVersion - 1)),
                IsOk());
  }
  Reopen();
  // The remote is gone, and the stored bytes are enough.
  EXPECT_THAT(Sync(), Not(IsOk()));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ(Refused(), refused);
  EXPECT_EQ(Status().rejudged, 2);
  Reopen();
  EXPECT_THAT(Sync(), Not(IsOk()));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ(Status().rejudged, 0);
}

// A limit that was lower once: the bytes beyond it are not stored.
TEST_F(StoredIndexTest, ReleaseThatWasNotReadIsReadWhenLimitsChange) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  Serve();
  registry_ = nullptr;
  {
    const auto index =
        *SqliteDatabase::Open(folder_ + "/data/index.db", IndexMigrations());
    IndexEntry entry;
    {
      auto row = *index->Prepare(
          "SELECT directory, record FROM entry WHERE CAST(directory AS TEXT) "
          "LIKE '%/1'");
      ASSERT_THAT(row.Step(), IsOkAndHolds(true));
      entry = *DecodeIndexEntry(row.Blob(1), "u", row.Blob(0));
    }
    auto unread = std::make_shared<Release>(*entry.release);
    unread->files[0].digest = std::nullopt;
    entry.release = unread;
    auto put = *index->Prepare(
        "UPDATE entry SET verdict = 1, record = ?1 "
        "WHERE CAST(directory AS TEXT) LIKE '%/1'");
    ASSERT_THAT(put.BindBlob(1, EncodeIndexEntry(entry)).Run(), IsOk());
    ASSERT_THAT(index->Execute(absl::StrCat(
                    "UPDATE source SET rules_version = ", kRulesVersion - 1)),
                IsOk());
  }
  const std::string away = git_->path() + ".away";
  std::filesystem::rename(git_->path(), away);
  Reopen();
  EXPECT_THAT(Sync(), Not(IsOk()));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ(Status().rejudged, 1);
  // Kept over a restart, until git could be read.
  std::filesystem::rename(away, git_->path());
  Reopen();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0"));
}

TEST_F(StoredIndexTest, DamagedIndexIsReadFromGitAgain) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  EXPECT_EQ(registry_->snapshot()->visible_packages(), 1);
  registry_ = nullptr;
  const auto damage =
      *SqliteDatabase::Open(folder_ + "/data/index.db", IndexMigrations());
  ASSERT_THAT(damage->Execute("UPDATE entry SET record = x'01'"), IsOk());
  Reopen();
  EXPECT_THAT(registry_->snapshot()->GetPackage("kafka"),
              StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ(registry_->snapshot()->visible_packages(), 1);
}

TEST_F(StoredIndexTest, IndexThatIsNoDatabaseIsSetAsideAndMadeAnew) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  const std::string path = folder_ + "/data/index.db";
  uintmax_t size = 0;
  const std::vector<std::function<void()>> damages = {
      [&] { std::ofstream(path) << std::string(100'000, 'x'); },
      [&] { std::filesystem::resize_file(path, size / 2); },
      [&] { std::filesystem::resize_file(path, 100); },
      [&] { std::filesystem::resize_file(path, 0); },
      // Every page but the first.
      [&] {
        std::fstream file(path,
                          std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(4096);
        file << std::string(size - 4096, '\xff');
      }};
  for (size_t i = 0; i < damages.size(); ++i) {
    registry_ = nullptr;
    std::filesystem::remove(path + ".damaged");
    size = std::filesystem::file_size(path);
    damages[i]();
    Reopen();
    EXPECT_THAT(Served(), IsEmpty()) << i;
    const bool empty = i == 3;
    EXPECT_EQ(std::filesystem::exists(path + ".damaged"), !empty) << i;
    EXPECT_EQ(registry_->notice().empty(), empty) << i;
    if (!empty) {
      EXPECT_THAT(Status().error, Optional(HasSubstr("index.db.damaged"))) << i;
    }
    ASSERT_THAT(Sync(), IsOk());
    EXPECT_THAT(Served(), ElementsAre("kafka/0"));
    EXPECT_EQ(Status().error, std::nullopt);
  }
}

TEST_F(StoredIndexTest, IndexFoundDamagedInUseIsMadeAnewAtTheNextStart) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  MarkIndexDamaged(folder_ + "/data");
  for (const bool marked : {true, false}) {
    Reopen();
    EXPECT_EQ(registry_->notice().empty(), !marked);
    ASSERT_THAT(Sync(), IsOk());
    EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  }
}

TEST_F(StoredIndexTest, ContentsOfReplacedReleasesGoAtTheNextStart) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  AddRelease(files_, "kafka", 0, "1.0.1");
  git_->Commit("main", files_);
  ASSERT_THAT(Sync(), IsOk());
  Reopen();
  registry_ = nullptr;
  const auto index = *IndexStore::Open(folder_ + "/data/index.db", {});
  EXPECT_THAT(index->Read(signing::Digest::Of(PackageJson("kafka", "1.0"))),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(index->Read(signing::Digest::Of(PackageJson("kafka", "1.0.1"))),
              IsOk());
}

}  // namespace
}  // namespace orrery::registry
