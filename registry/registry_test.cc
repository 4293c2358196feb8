#include "registry/registry.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/release_check.h"
#include "registry/index/index_file.h"
#include "registry/index/index_record.h"
#include "registry/index/index_schema.h"
#include "registry/index/index_store.h"
#include "registry/index/sqlite_database.h"
#include "registry/status/error_details.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/digest.h"
#include "signing/record/record.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tests::GitFixture;

std::string Directory(const std::string& name, int64_t release) {
  return absl::StrCat("repo/packages/",
                      std::string(1, absl::ascii_toupper(name[0])), "/", name,
                      "/", release);
}

std::string PackageJson(const std::string& name, const std::string& version,
                        const std::string& more = "") {
  return absl::StrCat(
      R"({"packagingVersion":"4.0","name":")", name, R"(","version":")",
      version,
      R"(","maintainer":"ops@example.org","description":"Answers HTTP.",)",
      R"("tags":["demo"])", more, "}\n");
}

void AddRelease(GitFixture::Files& files, const std::string& name,
                int64_t release, const std::string& version,
                const std::string& more = "") {
  files[Directory(name, release) + "/package.json"] = {
      PackageJson(name, version, more)};
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(),
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    git_ = std::make_unique<GitFixture>(folder_ + "/git");
    store_ = *SqliteStateStore::Open(":memory:");
    Reopen();
  }

  void Reopen() {
    registry_ = nullptr;
    Registry::Options options;
    options.data_dir = folder_ + "/data";
    options.durable = false;
    options.allow_local_sources = allow_local_sources_;
    options.now = [this] { return now_; };
    auto opened = Registry::Open(options, store_.get());
    ASSERT_THAT(opened, IsOk());
    registry_ = *std::move(opened);
  }

  Source MakeSource(const std::string& name) {
    Source source;
    source.mode = signing::RevisionMode::kMutable;
    source.name = name;
    source.url = git_->path();
    return source;
  }
  absl::Status Add(const std::string& name = "u") {
    return registry_->AddSource(MakeSource(name), {}).status();
  }
  absl::Status Sync(bool accept_removals = false) {
    return registry_->SyncSource("u", accept_removals, absl::InfiniteFuture())
        .status();
  }
  // Commits `files_`, adds the source and indexes it.
  void Serve() {
    git_->Commit("main", files_);
    ASSERT_THAT(Add(), IsOk());
    ASSERT_THAT(Sync(), IsOk());
  }
  SourceStatus Status() { return *registry_->GetSource("u"); }

  std::vector<std::string> Served() {
    return tests::ServedReleases(*registry_->snapshot());
  }
  std::vector<std::string> Refused() {
    return tests::RefusedPlaces(*Status().contents);
  }

  const std::string folder_;
  bool allow_local_sources_ = true;
  absl::Time now_ = absl::FromUnixSeconds(1'600'000'000);
  GitFixture::Files files_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, SyncedSourceIsServed) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  AddRelease(files_, "spark", 0, "2.0");
  files_[Directory("kafka", 1) + "/resource.json"] = {"{}"};
  Serve();
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0", "spark/0"));

  const SnapshotPtr snapshot = registry_->snapshot();
  const auto kafka = snapshot->Select("kafka", resolver::VersionRange());
  ASSERT_THAT(kafka, IsOk());
  EXPECT_EQ((*kafka)->version, "1.1");
  EXPECT_EQ((*kafka)->source, "u");
  EXPECT_EQ((*kafka)->directory, "repo/packages/K/kafka/1");
  EXPECT_THAT((*kafka)->tags, ElementsAre("demo"));
  EXPECT_THAT(snapshot->ReadFile(**kafka, kPackageFile),
              IsOkAndHolds(PackageJson("kafka", "1.1")));
  EXPECT_THAT(snapshot->ReadFile(**kafka, kResourceFile), IsOkAndHolds("{}"));
}

TEST_F(RegistryTest, StatusSaysWhatIsIndexedAndWhen) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "mongodb", 0, "1.0", R"(,"minDcosReleaseVersion":"9999")");
  const std::string commit = git_->Commit("main", files_);
  ASSERT_THAT(Add(), IsOk());
  EXPECT_EQ(Status().state, SyncState::kSyncing);
  ASSERT_THAT(Sync(), IsOk());

  const SourceStatus status = Status();
  EXPECT_EQ(status.state, SyncState::kOk);
  EXPECT_EQ(status.error, std::nullopt);
  EXPECT_EQ(status.source.ref, "refs/heads/main");
  EXPECT_EQ(status.contents->commit, commit);
  EXPECT_THAT(status.remote_commit, Optional(commit));
  EXPECT_EQ(status.contents->packages, 2);
  EXPECT_EQ(status.contents->releases, 2);
  EXPECT_EQ(status.contents->hidden, 1);
  EXPECT_THAT(status.sync_time, Optional(now_));
  EXPECT_THAT(status.last_success_time, Optional(now_));
  EXPECT_THAT(status.last_change_time, Optional(now_));
  EXPECT_GT(status.next_attempt_time, now_);
}

TEST_F(RegistryTest, UnchangedSourceMovesOnlyTheLastLook) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  const absl::Time first = now_;
  const uint64_t generation = registry_->snapshot()->generation();
  now_ += absl::Minutes(5);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Status().sync_time, Optional(now_));
  EXPECT_THAT(Status().last_change_time, Optional(first));
  EXPECT_EQ(registry_->snapshot()->generation(), generation);
}

TEST_F(RegistryTest, BadReleaseIsRefusedAndBlocksNothing) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  files_[Directory("kafka", 1) + "/package.json"] = {"{\n\"name\": }"};
  AddRelease(files_, "spark", 0, "2.0");
  files_[Directory("spark", 0) + "/link"] = {"/etc/passwd", 0120000};
  files_[Directory("spark", 1)] = {std::string(40, 'a'), 0160000};
  files_[Directory("spark", 2)] = {"elsewhere", 0120000};
  files_["repo/packages/S/spark/02/package.json"] = {
      PackageJson("spark", "2.2")};
  files_["repo/packages/README.md"] = {"hello"};
  Serve();
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), UnorderedElementsAre(
                             "repo/packages/K/kafka/1/package.json: json-parse",
                             "repo/packages/S/spark/0/link: content.path",
                             "repo/packages/S/spark/1: content.path",
                             "repo/packages/S/spark/2: content.path",
                             "repo/packages/S/spark/02: layout"));
  for (const Finding& finding : Status().contents->refused) {
    if (finding.rule != "json-parse") continue;
    EXPECT_THAT(finding.line, Optional(2));
  }
}

TEST_F(RegistryTest, NamesThatDifferByCaseAreRefused) {
  AddRelease(files_, "kafka", 0, "1.0");
  files_["repo/packages/K/Kafka/0/package.json"] = {
      PackageJson("kafka", "1.0")};
  files_["repo/packages/k/kafka/1/package.json"] = {
      PackageJson("kafka", "1.1")};
  AddRelease(files_, "kafka", 2, "1.2");
  files_[Directory("kafka", 2) + "/config.json"] = {R"({"type":"object"})"};
  files_[Directory("kafka", 2) + "/Config.json"] = {R"({"type":"object"})"};
  Serve();
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(),
              UnorderedElementsAre("repo/packages/K/Kafka: layout",
                                   HasSubstr("repo/packages/K/kafka/2"),
                                   "repo/packages/k: layout"));
}

TEST_F(RegistryTest, NothingOutsideTheFollowedFolderIsOpened) {
  AddRelease(files_, "kafka", 0, "1.0");
  GitFixture::Files inside;
  for (const auto& [path, file] : files_) inside["sub/" + path] = file;
  inside["tools/x"] = {std::string(40, 'a'), 0160000};
  inside["other/deep/file"] = {"x"};
  const std::string tree = git_->WriteFiles(inside);
  git_->LoseObject(git_->WriteFiles({{"deep/file", {"x"}}}));
  git_->CommitTree("main", tree);
  Source source = MakeSource("u");
  source.subdir = "./sub/";
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ((*registry_->snapshot()->Select("kafka", {}))->directory,
            "sub/repo/packages/K/kafka/0");
}

TEST_F(RegistryTest, ChangedAndRemovedReleasesFollowTheTip) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  Serve();
  AddRelease(files_, "kafka", 1, "1.1.1");
  AddRelease(files_, "spark", 0, "2.0");
  files_.erase(Directory("kafka", 0) + "/package.json");
  const std::string commit = git_->Commit("main", files_);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "spark/0"));
  EXPECT_EQ((*registry_->snapshot()->Select("kafka", {}))->version, "1.1.1");
  EXPECT_EQ(Status().contents->commit, commit);
}

TEST_F(RegistryTest, ReleaseWhoseNewBytesAreRefusedDisappears) {
  AddRelease(files_, "kafka", 0, "1.0");
  AddRelease(files_, "kafka", 1, "1.1");
  Serve();
  files_[Directory("kafka", 1) + "/package.json"] = {"[]"};
  git_->Commit("main", files_);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), SizeIs(1));
  AddRelease(files_, "kafka", 1, "1.1");
  git_->Commit("main", files_);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0"));
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(RegistryTest, RewrittenHistoryIsTakenInByOneDiffOnceItIsAccepted) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  AddRelease(files_, "kafka", 1, "1.1");
  git_->SetRef("refs/heads/main",
               git_->WriteCommit(git_->WriteFiles(files_), {}));
  const absl::Status frozen = Sync();
  EXPECT_THAT(frozen, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("does not descend from")));
  EXPECT_EQ(ReasonOf(frozen).reason, "SOURCE_FROZEN");
  EXPECT_EQ(Status().state, SyncState::kFrozen);
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  ASSERT_THAT(registry_->AcceptTip("u", *Status().remote_commit,
                                   absl::InfiniteFuture()),
              IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0"));
}

TEST_F(RegistryTest, RestartServesTheStoredIndexWithoutGit) {
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

TEST_F(RegistryTest, OlderVerdictsAreMadeAgainFromTheStoredBytes) {
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
TEST_F(RegistryTest, ReleaseThatWasNotReadIsReadWhenLimitsChange) {
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

TEST_F(RegistryTest, DamagedIndexIsReadFromGitAgain) {
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

TEST_F(RegistryTest, IndexThatIsNoDatabaseIsSetAsideAndMadeAnew) {
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

TEST_F(RegistryTest, IndexFoundDamagedInUseIsMadeAnewAtTheNextStart) {
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

TEST_F(RegistryTest, ContentsOfReplacedReleasesGoAtTheNextStart) {
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

TEST_F(RegistryTest, FailedSyncKeepsTheSnapshotAndSaysSo) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  std::filesystem::rename(git_->path(), folder_ + "/away");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kNotFound,
                               HasSubstr("no git repository at")));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_EQ(Status().state, SyncState::kFailed);
  EXPECT_THAT(Status().error, Optional(HasSubstr("no git repository at")));
  std::filesystem::rename(folder_ + "/away", git_->path());
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Status().state, SyncState::kOk);
  EXPECT_EQ(Status().error, std::nullopt);
}

TEST_F(RegistryTest, MissingObjectFailsTheSyncAndTakesNothingAway) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  AddRelease(files_, "kafka", 1, "1.1");
  git_->Commit("main", files_);
  git_->LoseObject(git_->WriteBlob(PackageJson("kafka", "1.1")));
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(RegistryTest, VanishedRefFailsAndNamesTheHead) {
  AddRelease(files_, "kafka", 0, "1.0");
  git_->SetHead("refs/heads/master");
  const std::string commit = git_->Commit("master", files_);
  ASSERT_THAT(Add(), IsOk());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Status().source.ref, "refs/heads/master");
  git_->SetRef("refs/heads/main", commit);
  git_->SetHead("refs/heads/main");
  git_->DeleteRef("refs/heads/master");
  EXPECT_THAT(
      Sync(),
      StatusIs(
          absl::StatusCode::kFailedPrecondition,
          HasSubstr("refs/heads/master is gone; the remote's HEAD is main")));
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
}

TEST_F(RegistryTest, BranchIsFollowedBeforeTagOfTheSameName) {
  AddRelease(files_, "kafka", 0, "1.0");
  const std::string old_commit = git_->Commit("main", files_);
  git_->SetRef("refs/tags/main", old_commit);
  AddRelease(files_, "kafka", 1, "1.1");
  git_->Commit("main", files_);
  Source source = MakeSource("u");
  source.ref = "main";
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Status().source.ref, "refs/heads/main");
  EXPECT_THAT(Served(), ElementsAre("kafka/1", "kafka/0"));
}

TEST_F(RegistryTest, UnknownRefIsRefusedWithTheNearestAndNothingIsStored) {
  git_->Commit("main", files_);
  Source source = MakeSource("u");
  source.ref = "mian";
  const absl::Status status = registry_->AddSource(source, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("did you mean \"main\"?")));
  EXPECT_EQ(ReasonOf(status).metadata.at(kDidYouMean), "main");
  EXPECT_THAT(registry_->ListSources(), IsEmpty());
  EXPECT_THAT(store_->List(""), IsOkAndHolds(IsEmpty()));
}

TEST_F(RegistryTest, UncheckedSourceIsStoredAndResolvesItsRefLater) {
  AddRelease(files_, "kafka", 0, "1.0");
  Source source = MakeSource("u");
  ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("no commits yet")));
  git_->Commit("main", files_);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Status().source.ref, "refs/heads/main");
  Reopen();
  EXPECT_EQ(Status().source.ref, "refs/heads/main");
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
}

TEST_F(RegistryTest, WrongFolderIsSaidWhenTheSourceIsAdded) {
  AddRelease(files_, "kafka", 0, "1.0");
  GitFixture::Files inside;
  for (const auto& [path, file] : files_) inside["universe/" + path] = file;
  git_->Commit("main", inside);
  const auto added = registry_->AddSource(MakeSource("u"), {});
  ASSERT_THAT(added, IsOk());
  EXPECT_THAT(added->warnings,
              ElementsAre("no repo/packages under .; found it under universe"));
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Status().state, SyncState::kOk);
  EXPECT_THAT(Status().error, Optional(HasSubstr("found it under universe")));
}

TEST_F(RegistryTest, LegacyLayoutIsNeitherServedNorRefused) {
  files_[Directory("kafka", 0) + "/package.json"] = {
      R"({"name":"kafka","version":"1","maintainer":"m","description":"d"})"};
  Serve();
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(Refused(), IsEmpty());
  EXPECT_EQ(Status().contents->legacy_releases, 1);
  EXPECT_THAT(Status().error,
              Optional(HasSubstr("legacy layout, 1 releases not served")));
}

TEST_F(RegistryTest, MassRemovalIsHeldUntilAccepted) {
  for (int i = 0; i < 40; ++i) {
    AddRelease(files_, "kafka", i, absl::StrCat("1.", i));
  }
  Serve();
  for (int i = 0; i < 10; ++i) {
    files_.erase(Directory("kafka", i) + "/package.json");
  }
  const std::string commit = git_->Commit("main", files_);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const absl::Status held = Sync();
    EXPECT_THAT(held, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("removes 10 of 40 releases")));
    EXPECT_EQ(ReasonOf(held).reason, "SOURCE_HELD");
    EXPECT_EQ(Status().state, SyncState::kHeld);
  }
  EXPECT_THAT(Served(), SizeIs(40));
  EXPECT_NE(Status().contents->commit, commit);
  EXPECT_THAT(Status().remote_commit, Optional(commit));
  EXPECT_THAT(Sync(/*accept_removals=*/true), IsOk());
  EXPECT_THAT(Served(), SizeIs(30));
  EXPECT_EQ(Status().state, SyncState::kOk);
}

TEST_F(RegistryTest, SmallRemovalsAreNotHeld) {
  for (int i = 0; i < 9; ++i) {
    AddRelease(files_, "kafka", i, absl::StrCat("1.", i));
  }
  Serve();
  git_->Commit("main", {});
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), IsEmpty());
}

TEST_F(RegistryTest, HeldSourceIsStillHeldAfterRestart) {
  for (int i = 0; i < 10; ++i) {
    AddRelease(files_, "kafka", i, absl::StrCat("1.", i));
  }
  Serve();
  git_->Commit("main", {});
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Status().state, SyncState::kHeld);
  EXPECT_THAT(Served(), SizeIs(10));
  EXPECT_EQ(ReasonOf(Sync()).reason, "SOURCE_HELD");
}

TEST_F(RegistryTest, BetterSourceWinsWhateverItsReleaseNumber) {
  AddRelease(files_, "exec", 1, "1.2");
  AddRelease(files_, "exec", 2, "1.3");
  Serve();
  GitFixture other(folder_ + "/other");
  GitFixture::Files other_files;
  AddRelease(other_files, "exec", 9, "1.9");
  AddRelease(other_files, "exec", 8, "1.2");
  AddRelease(other_files, "meta", 0, "1.0");
  other.Commit("main", other_files);
  Source source = MakeSource("t");
  source.url = other.path();
  source.priority = 200;
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  ASSERT_THAT(registry_->SyncSource("t", false, absl::InfiniteFuture()),
              IsOk());
  // 1.2 of the worse source stands back behind the better one's.
  EXPECT_THAT(Served(), ElementsAre("exec/2", "exec/1", "exec/9", "meta/0"));
  EXPECT_EQ((*registry_->snapshot()->Select("exec", {}))->version, "1.3");
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  EXPECT_THAT(Served(), ElementsAre("exec/9", "exec/8", "meta/0"));
}

TEST_F(RegistryTest, EqualPriorityIsDecidedByTheNameOfTheSource) {
  AddRelease(files_, "exec", 1, "1.2");
  git_->Commit("main", files_);
  for (const char* name : {"z", "a"}) {
    ASSERT_THAT(Add(name), IsOk());
    ASSERT_THAT(registry_->SyncSource(name, false, absl::InfiniteFuture()),
                IsOk());
  }
  EXPECT_EQ((*registry_->snapshot()->Select("exec", {}))->source, "a");
  Reopen();
  EXPECT_EQ((*registry_->snapshot()->Select("exec", {}))->source, "a");
}

TEST_F(RegistryTest, RemovedSourceIsGoneAfterRestartToo) {
  AddRelease(files_, "kafka", 0, "1.0");
  Serve();
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  EXPECT_THAT(Served(), IsEmpty());
  Reopen();
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(registry_->ListSources(), IsEmpty());
  EXPECT_THAT(registry_->RemoveSource("u"),
              StatusIs(absl::StatusCode::kNotFound));
}

// What the sanitizers watch: a removal waits for the sync it cuts off.
TEST_F(RegistryTest, SourceThatComesAndGoesDuringSyncsEndsAsItWasLeft) {
  for (int i = 0; i < 40; ++i) {
    AddRelease(files_, "kafka", i, absl::StrCat("1.", i));
  }
  git_->Commit("main", files_);
  ASSERT_THAT(Add(), IsOk());
  std::atomic<bool> done = false;
  std::thread syncing([&] {
    while (!done) Sync().IgnoreError();
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(registry_->RemoveSource("u"), IsOk());
    EXPECT_THAT(Served(), IsEmpty());
    EXPECT_THAT(Add(), IsOk());
  }
  done = true;
  syncing.join();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served().size(), 40u);
}

TEST_F(RegistryTest, SecondSourceOfTheSameNameIsRefused) {
  git_->Commit("main", files_);
  ASSERT_THAT(Add(), IsOk());
  EXPECT_THAT(Add(), StatusIs(absl::StatusCode::kAlreadyExists,
                              HasSubstr("there is a source \"u\" already")));
}

TEST_F(RegistryTest, LocalSourcesAreRefusedUnlessAllowed) {
  git_->Commit("main", files_);
  allow_local_sources_ = false;
  Reopen();
  const absl::Status status = Add();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied,
                               HasSubstr("--allow-local-sources=true")));
  EXPECT_EQ(ReasonOf(status).reason, "LOCAL_SOURCE_REFUSED");
}

TEST_F(RegistryTest, UnknownSourceNamesTheNearest) {
  git_->Commit("main", files_);
  ASSERT_THAT(Add("universe"), IsOk());
  EXPECT_THAT(registry_->GetSource("univers"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean \"universe\"?")));
}

TEST_F(RegistryTest, SyncAfterStopIsCancelled) {
  git_->Commit("main", files_);
  ASSERT_THAT(Add(), IsOk());
  registry_->Stop();
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(RegistryTest, StartedRegistryIndexesASourceByItself) {
  AddRelease(files_, "kafka", 0, "1.0");
  git_->Commit("main", files_);
  ASSERT_THAT(Add(), IsOk());
  now_ = absl::FromUnixSeconds(1'000'000'000);
  registry_->Start();
  // Waits for the look that polling began, or makes the first one.
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  registry_->Stop();
}

}  // namespace
}  // namespace orrery::registry
