// A remote of the real git program, over an `ssh` that runs the command here.

#ifndef REGISTRY_REMOTE_SOURCE_TESTING_H_
#define REGISTRY_REMOTE_SOURCE_TESTING_H_

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
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "registry/git/git_remote.h"
#include "registry/git/source.h"
#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {

inline std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

inline void WriteProgram(const std::string& path, const std::string& script) {
  std::ofstream(path) << "#!/bin/sh\n" << script;
  ::chmod(path.c_str(), 0755);
}

inline tests::GitFixture::Files KafkaReleases(int count) {
  tests::GitFixture::Files files;
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
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/bin");
    // The last argument is the command for the remote.
    WriteProgram(folder_ + "/bin/ssh",
                 absl::StrCat("echo \"$@\" >> ", folder_, "/ssh.log\n",
                              "for command; do :; done\nexec sh -c "
                              "\"$command\"\n"));
    path_ = std::getenv("PATH");
    ::setenv("PATH", absl::StrCat(folder_, "/bin:", path_).c_str(), 1);
    git_ = std::make_unique<tests::GitFixture>(folder_ + "/remote.git");
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
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_ + "/data/clones")) {
      clones.push_back(entry.path().string());
    }
    return clones;
  }
  std::vector<std::string> PacksOf(const std::string& clone) {
    std::vector<std::string> packs;
    for (const auto& entry :
         std::filesystem::directory_iterator(clone + "/objects/pack")) {
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
    tests::GitFixture::Files files = KafkaReleases(1);
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
  std::unique_ptr<tests::GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_REMOTE_SOURCE_TESTING_H_
