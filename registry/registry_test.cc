#include "registry/registry.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/registry_testing.h"
#include "registry/source/source_status.h"
#include "registry/status/error_details.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tests::GitFixture;

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
