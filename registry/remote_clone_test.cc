// Clones of remotes: shared, damaged, lost, too large, and gone with their last
// source.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/log/registry_log.h"
#include "registry/remote_source_testing.h"
#include "registry/status/error_details.h"
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

using RemoteCloneTest = RemoteSourceTest;

TEST_F(RemoteCloneTest, SourcesOfOneUrlShareAClone) {
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

TEST_F(RemoteCloneTest, LeftLocksOfAKilledGitDoNotMatter) {
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

TEST_F(RemoteCloneTest, TruncatedPackIsReplaced) {
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

TEST_F(RemoteCloneTest, LostCloneIsFetchedAgain) {
  Add(RemoteSource());
  ASSERT_THAT(Sync(), IsOk());
  fs::remove_all(Clones()[0]);
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_EQ(Served(), 1);
}

TEST_F(RemoteCloneTest, DamagedCloneIsRepairedOrReplacedWithoutHelp) {
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
TEST_F(RemoteCloneTest, CommitOnTheWayThatADamagedCloneLacksIsLogged) {
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

TEST_F(RemoteCloneTest, DamagedRemoteDoesNotCostTheClone) {
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

TEST_F(RemoteCloneTest, CloneIsDoubtedOnceHoweverOftenTheRemoteSaysSo) {
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

TEST_F(RemoteCloneTest, FetchThatIsTooLargeIsCutAndLeavesNothing) {
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

TEST_F(RemoteCloneTest, RemovingASourceLeavesTheCloneOfOneBeingAdded) {
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

TEST_F(RemoteCloneTest, SourceThatWasNotAddedLeavesNoClone) {
  Source source = RemoteSource();
  source.ref = "nowhere";
  EXPECT_THAT(registry_->AddSource(source, {}), Not(IsOk()));
  EXPECT_THAT(Clones(), IsEmpty());
}

TEST_F(RemoteCloneTest, PacksAreJoinedFromTimeToTime) {
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

}  // namespace
}  // namespace orrery::registry
