// Remote sources by the real git program, over an `ssh` that runs the command
// here.

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/git/git_remote.h"
#include "registry/log/registry_log.h"
#include "registry/registry.h"
#include "registry/source/repository_access.h"
#include "registry/source/source_status.h"
#include "registry/source/webhook.h"
#include "registry/status/error_details.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_state.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tests::GitFixture;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void WriteProgram(const std::string& path, const std::string& script) {
  std::ofstream(path) << "#!/bin/sh\n" << script;
  ::chmod(path.c_str(), 0755);
}

GitFixture::Files KafkaReleases(int count) {
  GitFixture::Files files;
  for (int i = 0; i < count; ++i) {
    files[absl::StrCat("repo/packages/K/kafka/", i, "/package.json")] = {
        absl::StrCat(
            R"({"packagingVersion":"4.0","name":"kafka","version":"1.)", i,
            R"(","maintainer":"m","description":"d","tags":[]})")};
  }
  return files;
}

class RemoteSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(
        ::testing::TempDir(), "remote",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_ + "/bin");
    // The last argument is the command for the remote.
    WriteProgram(folder_ + "/bin/ssh",
                 absl::StrCat("echo \"$@\" >> ", folder_, "/ssh.log\n",
                              "for command; do :; done\nexec sh -c "
                              "\"$command\"\n"));
    path_ = std::getenv("PATH");
    ::setenv("PATH", absl::StrCat(folder_, "/bin:", path_).c_str(), 1);
    git_ = std::make_unique<GitFixture>(folder_ + "/remote.git");
    git_->Commit("main", KafkaReleases(1));
    store_ = *SqliteStateStore::Open(":memory:");
    Open();
  }
  void TearDown() override {
    registry_ = nullptr;
    ::setenv("PATH", path_.c_str(), 1);
  }

  void Open(const std::string& git_program = "git",
            absl::Duration poll_interval = absl::Minutes(5),
            std::function<absl::Time()> now = absl::Now,
            uint64_t max_fetch_bytes = kMaxFetchBytes) {
    registry_ = nullptr;
    Registry::Options options;
    options.data_dir = folder_ + "/data";
    options.git_program = git_program;
    options.durable = false;
    options.stall_limit = absl::Seconds(1);
    options.poll_interval = poll_interval;
    options.now = std::move(now);
    options.max_fetch_bytes = max_fetch_bytes;
    registry_ = *Registry::Open(options, store_.get());
  }

  Source RemoteSource(const std::string& name = "u") {
    Source source;
    source.mode = signing::RevisionMode::kMutable;
    source.name = name;
    source.url = absl::StrCat("ssh://git.example", git_->path());
    return source;
  }
  void Add(const Source& source) {
    ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  }
  absl::Status Sync(const std::string& name = "u") {
    return registry_->SyncSource(name, false, absl::InfiniteFuture()).status();
  }
  int64_t Served() {
    const auto status = registry_->GetSource("u");
    return (*status).contents == nullptr ? 0 : (*status).contents->releases;
  }
  std::vector<std::string> Clones() {
    std::vector<std::string> clones;
    for (const auto& entry : fs::directory_iterator(folder_ + "/data/clones")) {
      clones.push_back(entry.path().string());
    }
    return clones;
  }
  std::vector<std::string> PacksOf(const std::string& clone) {
    std::vector<std::string> packs;
    for (const auto& entry : fs::directory_iterator(clone + "/objects/pack")) {
      packs.push_back(entry.path().filename().string());
    }
    std::sort(packs.begin(), packs.end());
    return packs;
  }
  // Two sources of one URL, synced: `u` of main and `dev` of dev.
  void AddSiblings() {
    git_->Commit("dev", KafkaReleases(1));
    Add(RemoteSource());
    Source dev = RemoteSource("dev");
    dev.ref = "dev";
    Add(dev);
    ASSERT_THAT(Sync(), IsOk());
    ASSERT_THAT(Sync("dev"), IsOk());
  }
  // Has the only clone lack one object.
  void LoseInClone(const std::string& id) {
    const std::string clone = Clones()[0];
    const std::string script = absl::StrCat(
        "cd ", clone, "/objects && cat pack/*.pack > ", folder_,
        "/pack && rm pack/* && git -C ", clone, " unpack-objects -q < ",
        folder_, "/pack && rm ", id.substr(0, 2), "/", id.substr(2));
    ASSERT_EQ(std::system(script.c_str()), 0) << script;
  }
  // Has the remote lack a file of the branch's next commit.
  void BreakBranch(const std::string& branch) {
    GitFixture::Files files = KafkaReleases(1);
    files["lost"] = {absl::StrCat("lost ", branch)};
    git_->Commit(branch, files);
    git_->LoseObject(git_->WriteBlob(files["lost"].bytes));
  }
  // Commands that went to the remote.
  int Connections() {
    const std::string log = ReadFile(folder_ + "/ssh.log");
    return static_cast<int>(std::count(log.begin(), log.end(), '\n'));
  }

  std::string folder_;
  std::string path_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RemoteSourceTest, PushArrivesAtTheNextSync) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(registry_->GetSource("u")->source.ref, "refs/heads/main");
  const std::string commit = git_->Commit("main", KafkaReleases(3));
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  EXPECT_EQ(registry_->GetSource("u")->contents->commit, commit);
}

TEST_F(RemoteSourceTest, UnchangedRemoteIsListedAndNotFetched) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const int before = Connections();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Connections(), before + 1);
}

TEST_F(RemoteSourceTest, ForcedPushIsFollowedOnceItIsAccepted) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string forced =
      git_->WriteCommit(git_->WriteFiles(KafkaReleases(2)), {});
  git_->SetRef("refs/heads/main", forced);
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Served(), 1);
  ASSERT_THAT(registry_->AcceptTip("u", forced, absl::InfiniteFuture()),
              IsOk());
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, SourcesOfOneUrlShareAClone) {
  git_->Commit("dev", KafkaReleases(5));
  Add(RemoteSource());
  Source dev = RemoteSource("dev");
  dev.ref = "dev";
  Add(dev);
  ASSERT_THAT(Sync(), IsOk());
  ASSERT_THAT(Sync("dev"), IsOk());
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 5);
  EXPECT_EQ(Clones().size(), 1);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  EXPECT_EQ(Clones().size(), 1);
  ASSERT_THAT(registry_->RemoveSource("dev"), IsOk());
  EXPECT_THAT(Clones(), IsEmpty());
}

TEST_F(RemoteSourceTest, NeitherTagsNorSubmodulesAreFetched) {
  GitFixture::Files files = KafkaReleases(1);
  files[".gitmodules"] = {
      "[submodule \"x\"]\n\tpath = tools/x\n\turl = "
      "ssh://git@nowhere.invalid/x.git\n"};
  files["tools/x"] = {std::string(40, 'a'), 0160000};
  files["repo/packages/S/spark/3/x"] = {std::string(40, 'b'), 0160000};
  git_->SetRef("refs/tags/v1", git_->Commit("main", files));
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
  const auto refused = registry_->GetSource("u")->contents->refused;
  ASSERT_FALSE(refused.empty());
  EXPECT_TRUE(
      std::any_of(refused.begin(), refused.end(), [](const Finding& finding) {
        return finding.rule == "content.path" &&
               finding.path == "repo/packages/S/spark/3/x";
      }));
  EXPECT_FALSE(fs::exists(Clones()[0] + "/refs/tags/v1"));
  EXPECT_THAT(ReadFile(folder_ + "/ssh.log"), Not(HasSubstr("nowhere")));
}

TEST_F(RemoteSourceTest, VanishedRefKeepsTheSnapshot) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  git_->SetRef("refs/heads/next", git_->Commit("main", KafkaReleases(2)));
  git_->SetHead("refs/heads/next");
  git_->DeleteRef("refs/heads/main");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("refs/heads/main is gone; the "
                                         "remote's HEAD is next")));
  EXPECT_EQ(Served(), 1);
}

TEST_F(RemoteSourceTest, MissingRepositoryIsNotStored) {
  Source source = RemoteSource();
  source.url += "/nothing";
  const absl::Status status = registry_->AddSource(source, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("git.example")));
  EXPECT_EQ(ReasonOf(status).reason, "NO_REPOSITORY");
  EXPECT_THAT(registry_->ListSources(), IsEmpty());
}

TEST_F(RemoteSourceTest, LeftLocksOfAKilledGitDoNotMatter) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string clone = Clones()[0];
  for (const char* lock : {"/refs/heads/main.lock", "/packed-refs.lock",
                           "/objects/pack/tmp_pack_x"}) {
    std::ofstream(clone + lock) << "x";
  }
  git_->Commit("main", KafkaReleases(2));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
  EXPECT_FALSE(fs::exists(clone + "/objects/pack/tmp_pack_x"));
}

TEST_F(RemoteSourceTest, TruncatedPackIsReplaced) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  for (const auto& entry :
       fs::directory_iterator(Clones()[0] + "/objects/pack")) {
    fs::resize_file(entry.path(), 20);
  }
  git_->Commit("main", KafkaReleases(2));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, LostCloneIsFetchedAgain) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  fs::remove_all(Clones()[0]);
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
}

TEST_F(RemoteSourceTest, DamagedCloneIsRepairedOrReplacedWithoutHelp) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string clone = Clones()[0];
  const auto write = [&clone](const std::string& name,
                              const std::string& bytes) {
    std::ofstream(absl::StrCat(clone, "/", name)) << bytes;
  };
  const std::pair<const char*, std::function<void()>> damages[] = {
      {"torn ref", [&] { write("refs/heads/main", "0123"); }},
      {"empty ref", [&] { write("refs/heads/main", ""); }},
      {"ref to nothing",
       [&] { write("refs/heads/main", std::string(40, 'a') + "\n"); }},
      {"ref in the way",
       [&] {
         fs::remove(clone + "/refs/heads/main");
         fs::create_directories(clone + "/refs/heads/main/x");
       }},
      {"garbage HEAD", [&] { write("HEAD", std::string("\0\0\0\0", 4)); }},
      {"no HEAD", [&] { fs::remove(clone + "/HEAD"); }},
      {"empty config", [&] { write("config", ""); }},
      {"garbage config", [&] { write("config", "[[[\0"); }},
      {"no objects", [&] { fs::remove_all(clone + "/objects"); }},
      {"no packs", [&] { fs::remove_all(clone + "/objects/pack"); }},
      {"no refs", [&] { fs::remove_all(clone + "/refs"); }},
      {"empty packs",
       [&] {
         for (const auto& entry :
              fs::directory_iterator(clone + "/objects/pack")) {
           fs::resize_file(entry.path(), 0);
         }
       }},
      {"half an index",
       [&] {
         for (const auto& entry :
              fs::directory_iterator(clone + "/objects/pack")) {
           if (entry.path().extension() == ".idx") {
             fs::resize_file(entry.path(), 500);
           }
         }
       }},
      {"empty folder",
       [&] {
         fs::remove_all(clone);
         fs::create_directory(clone);
       }},
      {"a file",
       [&] {
         fs::remove_all(clone);
         std::ofstream(clone) << "not a folder";
       }},
      {"locked",
       [&] {
         for (const char* lock : {"HEAD.lock", "config.lock", "shallow.lock",
                                  "refs/heads/main.lock"}) {
           write(lock, "");
         }
       }},
  };
  int releases = 1;
  for (const auto& [what, damage] : damages) {
    damage();
    git_->Commit("main", KafkaReleases(++releases));
    EXPECT_THAT(Sync(), IsOk()) << what;
    EXPECT_EQ(Served(), releases) << what;
    // Also when there is nothing to fetch.
    damage();
    EXPECT_THAT(Sync(), IsOk()) << what;
  }
}

// A new clone has what the damaged one lacks, so no commit on the way goes
// unlogged.
TEST_F(RemoteSourceTest, CommitOnTheWayThatADamagedCloneLacksIsLogged) {
  GitFixture::Files files = KafkaReleases(1);
  const std::string shared = "repo/packages/K/kafka/0/package.json";
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  LoseInClone(git_->WriteBlob(files[shared].bytes));
  // Comes with the bytes that the clone is thought to have, and goes again.
  files["repo/packages/K/kafka/1/package.json"] = files[shared];
  git_->Commit("main", files);
  files.erase("repo/packages/K/kafka/1/package.json");
  files["repo/packages/K/kafka/2/package.json"] =
      KafkaReleases(3)["repo/packages/K/kafka/2/package.json"];
  git_->Commit("main", files);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
  std::string catalog;
  EXPECT_THAT(registry_->log().ReadState([&](const signing::LogState& log) {
    catalog = signing::PrintCatalog(log);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(catalog, HasSubstr(" 1 1 observed withdrawn"));
}

TEST_F(RemoteSourceTest, OneFetchBringsAllFollowedRefs) {
  git_->Commit("dev", KafkaReleases(2));
  Add(RemoteSource());
  Source dev = RemoteSource("dev");
  dev.ref = "dev";
  Add(dev);
  ASSERT_THAT(Sync(), IsOk());
  ASSERT_THAT(Sync("dev"), IsOk());
  git_->Commit("main", KafkaReleases(3));
  git_->Commit("dev", KafkaReleases(4));
  const int before = Connections();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Connections(), before + 2);
  // Only looks.
  ASSERT_THAT(Sync("dev"), IsOk());
  EXPECT_EQ(Connections(), before + 3);
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 4);
}

TEST_F(RemoteSourceTest, RefInTheWayOfAnotherIsNoHindrance) {
  git_->SetRef("refs/heads/next", git_->Commit("main", KafkaReleases(2)));
  Source source = RemoteSource();
  source.ref = "next";
  Add(source);
  ASSERT_THAT(Sync(), IsOk());
  git_->DeleteRef("refs/heads/next");
  git_->SetRef("refs/heads/next/2", git_->Commit("main", KafkaReleases(3)));
  Source second = RemoteSource("second");
  second.ref = "next/2";
  Add(second);
  EXPECT_THAT(Sync("second"), IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("refs/heads/next is gone")));
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, SiblingThatTheRemoteCannotReadStopsNobodyElse) {
  AddSiblings();
  BreakBranch("dev");
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  EXPECT_THAT(Sync("dev"), Not(IsOk()));
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 1);
}

TEST_F(RemoteSourceTest, SiblingThatIsRefusedStopsNobodyElse) {
  AddSiblings();
  const std::string blob = git_->WriteBlob("x");
  git_->CommitTree("dev", git_->WriteTree({{0100644, "..", blob}}));
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
  const absl::Status refused = Sync("dev");
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("failed at git.example while checking objects"),
                    HasSubstr("hasDotdot")));
  EXPECT_EQ(registry_->GetSource("dev")->contents->releases, 1);
}

TEST_F(RemoteSourceTest, DamagedRemoteDoesNotCostTheClone) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::vector<std::string> packs = PacksOf(Clones()[0]);
  BreakBranch("main");
  const int before = Connections();
  const absl::Status status = Sync();
  EXPECT_EQ(ReasonOf(status).reason, "REMOTE_DAMAGED") << status;
  EXPECT_EQ(Connections(), before + 2);
  EXPECT_EQ(PacksOf(Clones()[0]), packs);
  EXPECT_EQ(Served(), 1);
}

TEST_F(RemoteSourceTest, CloneIsDoubtedOnceHoweverOftenTheRemoteSaysSo) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::vector<std::string> packs = PacksOf(Clones()[0]);
  git_->Commit("main", KafkaReleases(2));
  // Lists, and has each fetch fail with words of git's own.
  WriteProgram(folder_ + "/bin/ssh",
               absl::StrCat("echo x >> ", folder_, "/ssh.log\n",
                            "for command; do :; done\n"
                            "if [ ! -e ",
                            folder_,
                            "/lie ]; then exec sh -c "
                            "\"$command\"; fi\n"
                            "echo 'fatal: bad object 12' >&2\n"
                            "exit 128\n"));
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("rm -f ", folder_, "/lie\n",
                            "for word; do if [ \"$word\" = fetch ]; then "
                            "touch ",
                            folder_, "/lie; fi; done\n", "exec git \"$@\"\n"));
  Open(folder_ + "/bin/fakegit");
  for (const int connections : {3, 2, 2}) {
    const int before = Connections();
    EXPECT_EQ(ReasonOf(Sync()).reason, "CLONE_DAMAGED");
    EXPECT_EQ(Connections(), before + connections);
    EXPECT_EQ(Clones().size(), 1);
    EXPECT_EQ(PacksOf(Clones()[0]), packs);
  }
  Open();
  fs::remove(folder_ + "/lie");
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, ShallowRemoteIsFollowed) {
  const std::string commit = git_->Commit("main", KafkaReleases(2));
  std::ofstream(git_->path() + "/shallow") << commit << "\n";
  Add(RemoteSource());
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
  git_->Commit("main", KafkaReleases(3));
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 3);
}

TEST_F(RemoteSourceTest, FetchThatIsTooLargeIsCutAndLeavesNothing) {
  Open("git", absl::Minutes(5), absl::Now, 50'000);
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::vector<std::string> packs = PacksOf(Clones()[0]);
  GitFixture::Files files = KafkaReleases(2);
  std::string noise;
  for (uint32_t i = 0, state = 1; i < 200'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(state >> 24));
  }
  files["noise"] = {noise};
  git_->Commit("main", files);
  const absl::Status status = Sync();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("failed at git.example while receiving more "
                                 "than one fetch may bring, after ")));
  EXPECT_THAT(std::string(status.message()), HasSubstr("at most 50000 bytes"));
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(PacksOf(Clones()[0]), packs);
  Open();
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 2);
}

TEST_F(RemoteSourceTest, RemovingASourceLeavesTheCloneOfOneBeingAdded) {
  GitFixture other(folder_ + "/other.git");
  other.Commit("main", KafkaReleases(1));
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  // The fetch, which is the second, waits.
  WriteProgram(
      folder_ + "/bin/ssh",
      absl::StrCat(
          "for command; do :; done\ncd ", folder_,
          "\nif [ -e listed ]; then touch fetching; while [ ! -e go ]; "
          "do sleep 0.01; done; fi\ntouch listed\n"
          "exec sh -c \"$command\"\n"));
  absl::Status added;
  {
    const std::jthread adding([&] {
      Source source = RemoteSource("v");
      source.url = absl::StrCat("ssh://git.example", other.path());
      added = registry_->AddSource(source, {}).status();
    });
    while (!fs::exists(folder_ + "/fetching")) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_THAT(registry_->RemoveSource("u"), IsOk());
    EXPECT_EQ(Clones().size(), 1);
    std::ofstream(folder_ + "/go") << "";
  }
  EXPECT_THAT(added, IsOk());
  ASSERT_EQ(Clones().size(), 1);
  EXPECT_TRUE(fs::exists(Clones()[0] + "/refs/heads/main"));
}

TEST_F(RemoteSourceTest, SourceThatWasNotAddedLeavesNoClone) {
  Source source = RemoteSource();
  source.ref = "nowhere";
  EXPECT_THAT(registry_->AddSource(source, {}), Not(IsOk()));
  EXPECT_THAT(Clones(), IsEmpty());
}

// As many polls as there are sources come due at once.
TEST_F(RemoteSourceTest, OverloadedServerIsLeftAloneByAllSourcesOfTheUrl) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo x >> ", folder_, "/ssh.log\n",
                            "echo \"fatal: unable to access 'x': The requested "
                            "URL returned error: 429\" >&2\nexit 128\n"));
  Open(folder_ + "/bin/fakegit", absl::Milliseconds(1));
  registry_->Start();
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("s", i);
    ASSERT_THAT(registry_->AddSource(RemoteSource(name), {.skip_check = true}),
                IsOk());
    while (registry_->GetSource(name)->state != SyncState::kFailed) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_EQ(Connections(), 1);
  }
  EXPECT_EQ(ReasonOf(Sync("s0")).reason, "RETRY_LATER");
  EXPECT_EQ(Connections(), 2);
}

TEST_F(RemoteSourceTest, OverloadedServerIsLeftAloneForFiveMinutes) {
  for (const char* code : {"429", "503"}) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: unable to access 'x': The "
                              "requested URL returned error: ",
                              code, "\" >&2\nexit 128\n"));
    Open(folder_ + "/bin/fakegit", absl::Seconds(1));
    Source source = RemoteSource(absl::StrCat("s", code));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), StatusIs(absl::StatusCode::kUnavailable));
    const auto status = registry_->GetSource(source.name);
    EXPECT_GE(*status->next_attempt_time - *status->sync_time,
              absl::Minutes(5));
  }
}

TEST_F(RemoteSourceTest, FailureDoublesTheWaitToHalfAnHourAndASyncForgetsIt) {
  const std::pair<absl::Duration, absl::Duration> waits[] = {
      {absl::Minutes(5), absl::Minutes(10)},
      {absl::Minutes(20), absl::Minutes(30)},
      {absl::Minutes(40), absl::Minutes(40)}};
  int number = 0;
  for (const auto& [interval, longest] : waits) {
    WriteProgram(folder_ + "/bin/fakegit",
                 "echo \"fatal: Could not resolve host: x\" >&2\nexit 128\n");
    Open(folder_ + "/bin/fakegit", interval);
    Source source = RemoteSource(absl::StrCat("s", number++));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    // Twice, as one failure: somebody asked for it.
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(Sync(source.name), Not(IsOk()));
      const auto status = registry_->GetSource(source.name);
      const absl::Duration wait =
          *status->next_attempt_time - *status->sync_time;
      EXPECT_LE(wait, longest);
      EXPECT_GE(wait, 0.89 * longest);
    }
  }
}

TEST_F(RemoteSourceTest, RestartForgetsNeitherFailuresNorAPause) {
  absl::Time now = absl::UnixEpoch() + absl::Hours(1000);
  for (const char* code : {"404", "429"}) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: unable to access 'x': The "
                              "requested URL returned error: ",
                              code, "\" >&2\nexit 128\n"));
    const auto open = [&] {
      Open(folder_ + "/bin/fakegit", absl::Minutes(1), [&now] { return now; });
    };
    open();
    const Source source = RemoteSource(absl::StrCat("s", code));
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), Not(IsOk()));
    const absl::Time next =
        *registry_->GetSource(source.name)->next_attempt_time;
    for (int restart = 0; restart < 3; ++restart) {
      now += absl::Seconds(10);
      open();
      const auto status = registry_->GetSource(source.name);
      EXPECT_EQ(status->next_attempt_time, next) << code;
      EXPECT_THAT(*status->error, HasSubstr(code));
    }
  }
}

TEST_F(RemoteSourceTest, RemoteThatAskedForAPauseGetsItFromAllSourcesOfIt) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo x >> ", folder_, "/runs\nexit 128\n"));
  RepositoryAccess access({.clones = {.git_program = folder_ + "/bin/fakegit",
                                      .state_dir = folder_ + "/data"}});
  Source source = RemoteSource();
  access.LeaveAlone(source, "it is busy", absl::Minutes(4));
  source.name = "other";
  EXPECT_THAT(access.List(source, {}),
              StatusIs(absl::StatusCode::kUnavailable, "it is busy"));
  EXPECT_FALSE(fs::exists(folder_ + "/runs"));
  EXPECT_THAT(access.List(source, {.insist = true, .stop = {}}), Not(IsOk()));
  EXPECT_TRUE(fs::exists(folder_ + "/runs"));
}

// A delivery that the source's secret signs, as GitLab does.
absl::Status Notify(Registry& registry, const std::string& source) {
  WebhookFields fields;
  fields.gitlab_tokens = {"s3cret"};
  absl::StatusOr<WebhookDelivery> delivery =
      registry.BeginNotification(source, fields);
  if (!delivery.ok()) return delivery.status();
  return registry.EndNotification(source, *std::move(delivery)).status();
}

TEST_F(RemoteSourceTest, NotificationForgetsFailuresButNotTheFiveMinutes) {
  std::ofstream(folder_ + "/secret") << "s3cret";
  absl::Time now = absl::UnixEpoch() + absl::Hours(1000);
  const std::pair<const char*, absl::Duration> cases[] = {
      {"Could not resolve host: x", absl::Seconds(1)},
      {"The requested URL returned error: 503", absl::Minutes(5)}};
  for (const auto& [error, wait] : cases) {
    WriteProgram(folder_ + "/bin/fakegit",
                 absl::StrCat("echo \"fatal: ", error, "\" >&2\nexit 128\n"));
    Open(folder_ + "/bin/fakegit", absl::Minutes(20), [&now] { return now; });
    Source source = RemoteSource(absl::StrCat("s", absl::ToInt64Seconds(wait)));
    source.files.webhook_secret = folder_ + "/secret";
    ASSERT_THAT(registry_->AddSource(source, {.skip_check = true}), IsOk());
    EXPECT_THAT(Sync(source.name), Not(IsOk()));
    const absl::Time failed = now;
    EXPECT_GT(*registry_->GetSource(source.name)->next_attempt_time - failed,
              absl::Minutes(25));
    now += absl::Seconds(10);
    ASSERT_THAT(Notify(*registry_, source.name), IsOk());
    const absl::Time next =
        *registry_->GetSource(source.name)->next_attempt_time;
    EXPECT_EQ(next, std::max(now + absl::Seconds(1), failed + wait)) << error;
  }
}

TEST_F(RemoteSourceTest, RewrittenHistoryIsFollowedThereAndBack) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  const std::string old = registry_->GetSource("u")->contents->commit;
  const std::string forced =
      git_->WriteCommit(git_->WriteFiles(KafkaReleases(2)), {});
  git_->SetRef("refs/heads/main", forced);
  ASSERT_THAT(registry_->AcceptTip("u", forced, absl::InfiniteFuture()),
              IsOk());
  EXPECT_EQ(Served(), 2);
  git_->SetRef("refs/heads/main", old);
  ASSERT_THAT(registry_->AcceptTip("u", old, absl::InfiniteFuture()), IsOk());
  EXPECT_EQ(Served(), 1);
  EXPECT_EQ(registry_->GetSource("u")->contents->commit, old);
}

TEST_F(RemoteSourceTest, FailureIsStoredOnceHoweverLongItLasts) {
  WriteProgram(folder_ + "/bin/fakegit",
               "echo \"fatal: no reason, $$\" >&2\nexit 128\n");
  Open(folder_ + "/bin/fakegit");
  ASSERT_THAT(registry_->AddSource(RemoteSource(), {.skip_check = true}),
              IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kUnavailable));
  const std::string first = *registry_->GetSource("u")->error;
  const auto written = [this] {
    return fs::last_write_time(folder_ + "/data/index.db-wal");
  };
  const auto before = written();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(written(), before);
  // What is shown is the last.
  EXPECT_NE(*registry_->GetSource("u")->error, first);
}

TEST_F(RemoteSourceTest, MissingFolderOfARemoteIsSaidWhenItIsAdded) {
  Source source = RemoteSource();
  source.subdir = "elsewhere";
  const auto added = registry_->AddSource(source, {});
  ASSERT_THAT(added, IsOk());
  EXPECT_THAT(added->warnings,
              ::testing::ElementsAre(HasSubstr("no repo/packages under")));
}

TEST_F(RemoteSourceTest, PacksAreJoinedFromTimeToTime) {
  registry_->Start();
  Add(RemoteSource());
  for (int i = 1; i <= 40; ++i) {
    git_->Commit("main", KafkaReleases(i));
    ASSERT_THAT(Sync(), IsOk()) << i;
  }
  int packs = 0;
  for (const auto& entry :
       fs::directory_iterator(Clones()[0] + "/objects/pack")) {
    if (entry.path().extension() == ".pack") ++packs;
  }
  EXPECT_LT(packs, 35);
  EXPECT_EQ(Served(), 40);
}

TEST_F(RemoteSourceTest, SilentRemoteFailsAndStopEndsIt) {
  WriteProgram(folder_ + "/bin/ssh", "sleep 600\n");
  ASSERT_THAT(registry_->AddSource(RemoteSource(), {.skip_check = true}),
              IsOk());
  EXPECT_THAT(Sync(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("git.example"),
                             HasSubstr("nothing useful came for 1 s"))));
}

TEST_F(RemoteSourceTest, RealSshReadsTheConfigurationAsMeant) {
  // Ask ssh what it makes of our configuration; nothing is connected to.
  Source source = RemoteSource();
  std::ofstream(folder_ + "/known hosts") << "";
  source.files.known_hosts = folder_ + "/known hosts";
  WriteProgram(folder_ + "/bin/ssh",
               absl::StrCat("shift\n/usr/bin/ssh -F \"$1\" -G git.example > ",
                            folder_, "/effective 2>&1\nexit 255\n"));
  EXPECT_THAT(registry_->AddSource(source, {}), ::testing::Not(IsOk()));
  const std::string effective = ReadFile(folder_ + "/effective");
  if (!absl::StrContains(effective, "hostname git.example")) {
    GTEST_SKIP() << "there is no ssh here";
  }
  EXPECT_THAT(effective, HasSubstr("stricthostkeychecking true"));
  EXPECT_THAT(effective, HasSubstr("batchmode yes"));
  EXPECT_THAT(effective, HasSubstr(absl::StrCat("userknownhostsfile ", folder_,
                                                "/known hosts\n")));
}

TEST_F(RemoteSourceTest, TokenGoesByTheEnvironmentAndIsNeverShown) {
  WriteProgram(folder_ + "/bin/fakegit",
               absl::StrCat("echo \"$@\" > ", folder_, "/arguments\n", "env > ",
                            folder_, "/environment\n",
                            "echo \"fatal: no: Bearer s3cret\" >&2\n"
                            "exit 128\n"));
  Open(folder_ + "/bin/fakegit");
  std::ofstream(folder_ + "/token") << "s3cret\n";
  Source source;
  source.name = "u";
  source.url = "https://git.example/u.git";
  source.files.token = folder_ + "/token";
  const absl::Status status = registry_->AddSource(source, {}).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("***"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(ReadFile(folder_ + "/arguments"), Not(HasSubstr("s3cret")));
  const std::string environment = ReadFile(folder_ + "/environment");
  EXPECT_THAT(environment, HasSubstr("Authorization: Bearer s3cret"));
  EXPECT_THAT(environment, HasSubstr("GIT_CONFIG_NOSYSTEM=1"));
  EXPECT_THAT(environment, HasSubstr("=protocol.allow\n"));
  EXPECT_THAT(environment, Not(HasSubstr("protocol.http.allow")));
}

}  // namespace
}  // namespace orrery::registry
