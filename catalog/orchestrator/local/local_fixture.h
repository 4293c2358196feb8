// A `local` target over a temporary folder, with real processes, for tests.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_FIXTURE_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_FIXTURE_H_

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_orchestrator.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/process/process_tree.h"
#include "catalog/orchestrator/task/local_config.h"
#include "registry/store/artifact_store.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {

// Real processes take real time: tests wait for a condition and give up long
// after it must have come.
class LocalFixture : public ::testing::Test {
 protected:
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  void SetUp() override {
    // What a killed shim leaves comes to this process and not to init, so that
    // TearDown can see that nothing is left.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::string pattern = absl::StrCat(::testing::TempDir(), "/localXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    auto store = registry::ArtifactStore::Open(absl::StrCat(directory_, "/a"));
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    config_.state_dir = absl::StrCat(directory_, "/state");
    config_.shim_path = absl::StrCat(std::filesystem::current_path().string(),
                                     "/catalog/orchestrator/shim/orrery-shim");
    // Concurrent tests on one machine share its ports.
    config_.first_port = 21000 + getpid() % 200 * 50;
    config_.last_port = config_.first_port + 49;
    Open();
  }

  void TearDown() override {
    local_.reset();
    std::vector<std::string> left = Leftovers();
    // What was told to end needs its turn on a busy machine.
    for (int i = 0; i < 1000 && !left.empty(); ++i) {
      poll(nullptr, 0, 5);
      left = Leftovers();
    }
    EXPECT_THAT(left, ::testing::IsEmpty());
    KillAll();
    std::filesystem::remove_all(directory_);
  }

  void Open() {
    auto local = LocalOrchestrator::Open(config_, store_.get());
    ASSERT_THAT(local, IsOk());
    local_ = *std::move(local);
  }
  void Reopen() {
    local_.reset();
    Open();
  }

  // `more` are further members, with a comma before each.
  static std::string App(absl::string_view id, absl::string_view cmd,
                         absl::string_view more = "") {
    return absl::StrCat(R"({"id":")", id, R"(","cmd":")", cmd,
                        R"(","cpus":0.01,"mem":16,"backoffSeconds":0)", more,
                        "}");
  }
  // A member for App.
  static std::string FixedPort(int port) {
    return absl::StrCat(
        R"(,"requirePorts":true,"portDefinitions":[{"protocol":"tcp","port":)",
        port, "}]");
  }
  absl::Status Create(absl::string_view service, std::string manifest) {
    return local_->Create({std::string(service), std::move(manifest), {}});
  }
  AppStatus Status(absl::string_view service) {
    auto status = local_->Observe(service);
    EXPECT_THAT(status, IsOk());
    return status.ok() ? *std::move(status) : AppStatus();
  }

  static bool Eventually(const std::function<bool()>& condition,
                         absl::Duration patience = kPatience) {
    const absl::Time end = absl::Now() + patience;
    while (!condition()) {
      if (absl::Now() > end) return false;
      poll(nullptr, 0, 5);
    }
    return true;
  }
  bool ReachesState(absl::string_view service, AppState state) {
    return Eventually([&] {
      const auto status = local_->Observe(service);
      return status.ok() && status->state == state;
    });
  }
  // Of the first task, once it runs.
  pid_t RunningPid(absl::string_view service) {
    pid_t pid = 0;
    EXPECT_TRUE(Eventually([&] {
      const auto status = local_->Observe(service);
      if (!status.ok() || status->tasks.empty()) return false;
      const AppTask& task = status->tasks[0];
      if (task.state != "running" || !task.pid.has_value()) return false;
      pid = static_cast<pid_t>(*task.pid);
      return true;
    }));
    return pid;
  }
  bool RemoveAndWait(absl::string_view service) {
    EXPECT_THAT(local_->Remove(service), IsOk());
    return Eventually(
        [&] { return absl::IsNotFound(local_->Observe(service).status()); });
  }

  // Instance folders, living and ended.
  std::vector<std::string> InstanceFolders() const {
    std::vector<std::string> folders;
    for (const auto& entry : std::filesystem::directory_iterator(
             absl::StrCat(config_.state_dir, "/instances"))) {
      folders.push_back(entry.path().string());
    }
    return folders;
  }
  // The folder of the first task of a service.
  std::string FolderOf(absl::string_view service) {
    return std::filesystem::path(Status(service).tasks.at(0).sandbox)
        .parent_path()
        .string();
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static bool IsAlive(pid_t pid) {
    const std::optional<ProcessStat> stat = ReadProcessStat(pid);
    return stat.has_value() && stat->state != 'Z';
  }
  static pid_t ParentOf(pid_t pid) {
    const std::optional<ProcessStat> stat = ReadProcessStat(pid);
    return stat.has_value() ? stat->parent : 0;
  }

  // Living processes that came from this test.
  static std::vector<std::string> Leftovers() {
    std::vector<std::string> left;
    for (const ProcessStat& process : Descendants(ListProcesses(), getpid())) {
      if (process.state == 'Z') continue;
      left.push_back(absl::StrCat(
          process.pid, " ",
          ReadFile(absl::StrCat("/proc/", process.pid, "/cmdline"))));
    }
    return left;
  }
  static void KillAll() {
    while (Kill(Descendants(ListProcesses(), getpid())) > 0) {
      poll(nullptr, 0, 5);
    }
  }

  std::string directory_;
  LocalConfig config_;
  std::unique_ptr<registry::ArtifactStore> store_;
  std::unique_ptr<LocalOrchestrator> local_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_FIXTURE_H_
