// Every row of orchestrators.md §3.6, with real processes.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/local/local_orchestrator.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LocalRestartTest : public LocalFixture {
 protected:
  // Runs an orchestrator in a process of its own until an app has a task, and
  // kills that process without warning.
  void CreateAndDie(const std::string& service, const std::string& manifest) {
    local_.reset();
    const pid_t host = fork();
    if (host == 0) {
      auto local = LocalOrchestrator::Open(config_, store_.get());
      if (!local.ok() || !(*local)->Create({service, manifest, {}}).ok()) {
        _exit(1);
      }
      while (true) pause();
    }
    ASSERT_TRUE(Eventually([this] {
      const std::string folder = OnlyFolder();
      return !folder.empty() &&
             std::filesystem::exists(absl::StrCat(folder, "/task.json")) &&
             HasExecuted(PidIn(absl::StrCat(folder, "/task.json")));
    }));
    kill(host, SIGKILL);
    ASSERT_EQ(waitpid(host, nullptr, 0), host);
  }

  // Empty unless there is exactly one.
  std::string OnlyFolder() const {
    if (!std::filesystem::exists(
            absl::StrCat(config_.state_dir, "/instances"))) {
      return "";
    }
    const std::vector<std::string> folders = InstanceFolders();
    return folders.size() == 1 ? folders[0] : "";
  }

  static pid_t PidIn(const std::string& path) {
    const std::string text = ReadFile(path);
    return std::atoi(text.c_str() + text.find("\"pid\":") + 6);
  }
  // A task waits in the shim's image until its record is written.
  bool HasExecuted(pid_t pid) const {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink(
        absl::StrCat("/proc/", pid, "/exe"), error);
    return !error && program.filename() != "orrery-shim";
  }
  static void KillAndWait(pid_t pid) {
    kill(pid, SIGKILL);
    ASSERT_TRUE(Eventually([pid] {
      waitpid(pid, nullptr, WNOHANG);
      return !IsAlive(pid);
    }));
  }
  static void Replace(const std::string& path, const std::string& from,
                      const std::string& to) {
    const std::string text = ReadFile(path);
    ASSERT_THAT(text, HasSubstr(from)) << path;
    std::ofstream(path) << absl::StrReplaceAll(text, {{from, to}});
  }
  // The first task once it runs under another id than `id`.
  AppTask NextTask(absl::string_view service, const std::string& id) {
    AppTask next;
    EXPECT_TRUE(Eventually([&] {
      const AppStatus status = Status(service);
      if (status.tasks.empty() || status.tasks[0].id == id ||
          status.tasks[0].state != "running") {
        return false;
      }
      next = status.tasks[0];
      return true;
    }));
    return next;
  }
};

TEST_F(LocalRestartTest, SupervisedTaskRunsOnUnderTheNextOrreryd) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const pid_t task = PidIn(OnlyFolder() + "/task.json");
  ASSERT_TRUE(IsAlive(task));
  Open();
  EXPECT_EQ(RunningPid("s"), task);
  EXPECT_EQ(Status("s").state, AppState::kRunning);
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_FALSE(IsAlive(task));
}

TEST_F(LocalRestartTest, AdoptedTaskIsCheckedAgainWithGraceFromItsStart) {
  CreateAndDie("s", App("/s", "sleep 1000",
                        R"(,"healthChecks":[{"protocol":"TCP","portIndex":0,)"
                        R"("gracePeriodSeconds":0,"intervalSeconds":0,)"
                        R"("maxConsecutiveFailures":2}])"));
  const std::string first = OnlyFolder();
  const pid_t task = PidIn(first + "/task.json");
  Open();
  ASSERT_TRUE(Eventually([&] { return !IsAlive(task); }));
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(ReadFile(first + "/ended.json"),
                             "failed 2 times in a row");
  }));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, TaskWhoseShimWasKilledMeanwhileIsAdopted) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  const pid_t task = PidIn(folder + "/task.json");
  KillAndWait(PidIn(folder + "/shim.json"));
  ASSERT_TRUE(IsAlive(task));
  Open();
  EXPECT_EQ(RunningPid("s"), task);
  EXPECT_THAT(Status("s").tasks[0].reason, HasSubstr("shim was killed"));

  const std::string id = Status("s").tasks[0].id;
  KillAndWait(task);
  NextTask("s", id);
  EXPECT_THAT(ReadFile(folder + "/ended.json"),
              HasSubstr("exit status unknown"));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, ShimKilledUnderOurEyesLeavesTheTaskRunning) {
  ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("s");
  kill(ParentOf(task), SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    return absl::StrContains(Status("s").tasks[0].reason, "shim was killed");
  }));
  EXPECT_TRUE(IsAlive(task));
  EXPECT_EQ(Status("s").state, AppState::kRunning);
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_FALSE(IsAlive(task));
}

TEST_F(LocalRestartTest, ShimAndTaskKilledIsLostAndLaunchedAgain) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  const pid_t task = PidIn(folder + "/task.json");
  KillAndWait(PidIn(folder + "/shim.json"));
  KillAndWait(task);
  Open();
  EXPECT_NE(RunningPid("s"), task);
  EXPECT_THAT(ReadFile(folder + "/ended.json"), HasSubstr("\"lost\""));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, ExitThatNobodySawIsTakenFromItsFile) {
  CreateAndDie("s",
               App("/s", "until [ -e go ]; do sleep 0.02; done; exit 7",
                   R"(,"backoffSeconds":3600,"maxLaunchDelaySeconds":3600)"));
  const std::string folder = OnlyFolder();
  std::ofstream(folder + "/sandbox/go") << "x";
  ASSERT_TRUE(Eventually([&] {
    return std::filesystem::exists(folder + "/exit.json") &&
           !IsAlive(PidIn(folder + "/shim.json"));
  }));
  Open();
  EXPECT_THAT(Status("s").waiting_for, ElementsAre(HasSubstr("exit code 7")));
  EXPECT_THAT(Status("s").tasks, ElementsAre(Field(&AppTask::state, "failed")));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, AfterARebootEverythingIsLaunchedWithNewIds) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  const pid_t task = PidIn(folder + "/task.json");
  KillAll();
  Replace(folder + "/instance.json", BootId(),
          "00000000-0000-0000-0000-000000000000");
  Open();
  EXPECT_NE(RunningPid("s"), task);
  EXPECT_NE(FolderOf("s"), folder);
  EXPECT_THAT(ReadFile(folder + "/ended.json"),
              HasSubstr("the host was restarted"));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, ProcessThatReusedThePidIsNotTouched) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  const pid_t task = PidIn(folder + "/task.json");
  const pid_t shim = PidIn(folder + "/shim.json");
  KillAndWait(shim);
  KillAndWait(task);
  const pid_t innocent = fork();
  if (innocent == 0) {
    while (true) pause();
  }
  // The start time in the records stays that of the dead ones.
  Replace(folder + "/task.json", absl::StrCat("\"pid\":", task),
          absl::StrCat("\"pid\":", innocent));
  Replace(folder + "/shim.json", absl::StrCat("\"pid\":", shim),
          absl::StrCat("\"pid\":", innocent));
  Open();
  EXPECT_NE(RunningPid("s"), innocent);
  EXPECT_THAT(ReadFile(folder + "/ended.json"), HasSubstr("\"lost\""));
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_TRUE(IsAlive(innocent));
  KillAndWait(innocent);
}

TEST_F(LocalRestartTest, FolderOfAnInstanceThatNeverStartedIsRemoved) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  KillAll();
  for (const char* const file : {"lock", "shim.json", "task.json"}) {
    std::filesystem::remove(folder + "/" + file);
  }
  std::filesystem::create_directory(config_.state_dir + "/instances/half");
  Open();
  RunningPid("s");
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(InstanceFolders().size(), 1u);
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, InstanceOfNoAppIsStoppedAndItsFilesKept) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  const pid_t task = PidIn(folder + "/task.json");
  std::filesystem::remove_all(config_.state_dir + "/apps/s");
  Open();
  EXPECT_TRUE(Eventually([&] { return !IsAlive(task); }));
  EXPECT_TRUE(std::filesystem::exists(folder + "/sandbox"));
  EXPECT_THAT(local_->Notes(), Contains(HasSubstr(folder)));
  EXPECT_TRUE(Eventually([] { return Leftovers().empty(); }));
}

TEST_F(LocalRestartTest, RemovalGoesOnAfterARestart) {
  ASSERT_THAT(Create("s", App("/s", "trap '' TERM; while :; do sleep 1; done",
                              R"(,"taskKillGracePeriodSeconds":1)")),
              IsOk());
  const pid_t task = RunningPid("s");
  ASSERT_THAT(local_->Remove("s"), IsOk());
  Reopen();
  EXPECT_TRUE(Eventually(
      [&] { return absl::IsNotFound(local_->Observe("s").status()); }));
  EXPECT_FALSE(IsAlive(task));
  EXPECT_THAT(local_->Receipt("s"), IsOk());
}

TEST_F(LocalRestartTest, EndedInstancesDoNotCountAgain) {
  ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  const pid_t first = RunningPid("s");
  const std::string id = Status("s").tasks[0].id;
  kill(first, SIGKILL);
  const AppTask second = NextTask("s", id);
  Reopen();
  EXPECT_EQ(RunningPid("s"), *second.pid);
  EXPECT_THAT(Status("s").waiting_for, IsEmpty());
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_EQ(local_->Receipt("s")->kept.size(), 2u);
}

TEST_F(LocalRestartTest, SecondOrrerydIsRefused) {
  EXPECT_THAT(LocalOrchestrator::Open(config_, store_.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("in use by another orreryd")));
}

TEST_F(LocalRestartTest, TimeWithoutOrrerydDoesNotCountAgainstADeployment) {
  ASSERT_THAT(Create("slow", App("/slow", "sleep 1000",
                                 R"(,"healthChecks":[{"protocol":"TCP",)"
                                 R"("portIndex":0}])")),
              IsOk());
  RunningPid("slow");
  local_.reset();
  // As if it had been down for days.
  const std::string record = config_.state_dir + "/apps/slow/app.json";
  const std::string text = ReadFile(record);
  const size_t begin = text.find("\"change_time_us\":");
  ASSERT_NE(begin, std::string::npos);
  const size_t end = text.find_first_of(",}", begin);
  Replace(record, text.substr(begin, end - begin), "\"change_time_us\":1");
  Open();
  EXPECT_EQ(Status("slow").state, AppState::kDeploying);
  ASSERT_TRUE(RemoveAndWait("slow"));
}

TEST_F(LocalRestartTest, PortsStayOverARestart) {
  ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  const int port = Status("s").endpoints[0].port;
  RunningPid("s");
  Reopen();
  EXPECT_EQ(Status("s").endpoints[0].port, port);
  ASSERT_THAT(Create("t", App("/t", "sleep 1000")), IsOk());
  EXPECT_NE(Status("t").endpoints[0].port, port);
  ASSERT_TRUE(RemoveAndWait("s"));
  ASSERT_TRUE(RemoveAndWait("t"));
}

TEST_F(LocalRestartTest, ShimThatOnlyJustStartsIsWaitedFor) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  KillAll();
  for (const char* const file : {"shim.json", "task.json"}) {
    std::filesystem::remove(folder + "/" + file);
  }
  // This process stands for a shim that has not said who it is yet.
  const int lock = open((folder + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX | LOCK_NB), 0);
  Open();
  EXPECT_EQ(Status("s").tasks.at(0).state, "starting");
  EXPECT_THAT(Status("s").waiting_for,
              ElementsAre(HasSubstr("is being started")));
  EXPECT_EQ(InstanceFolders().size(), 1u);
  // It ends without having started anything: no failure, and no wait.
  close(lock);
  RunningPid("s");
  EXPECT_FALSE(std::filesystem::exists(folder));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, UnreadableRecordFailsItsAppAloneAndStopsNothing) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  const pid_t other = RunningPid("a");
  const pid_t task = RunningPid("s");
  const int port = Status("s").endpoints[0].port;
  local_.reset();
  const std::string path = config_.state_dir + "/apps/s/app.json";
  const std::string text = ReadFile(path);
  std::ofstream(path) << text.substr(0, text.size() / 2);
  Open();
  EXPECT_EQ(RunningPid("a"), other);
  EXPECT_EQ(Status("a").state, AppState::kRunning);
  EXPECT_EQ(RunningPid("s"), task);
  EXPECT_EQ(Status("s").state, AppState::kFailed);
  EXPECT_THAT(Status("s").failure, HasSubstr("apps/s' cannot be run"));
  // Its ports stay its own.
  EXPECT_THAT(local_->DryRun({"t", App("/t", "sleep 1", FixedPort(port)), {}}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is held by service s")));

  local_.reset();
  std::ofstream(path) << text;
  Open();
  EXPECT_EQ(RunningPid("s"), task);
  EXPECT_EQ(Status("s").state, AppState::kRunning);
  ASSERT_TRUE(RemoveAndWait("s"));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalRestartTest, AppWithAnUnreadableRecordCanBeUninstalled) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const pid_t task = PidIn(OnlyFolder() + "/task.json");
  std::ofstream(config_.state_dir + "/apps/s/app.json") << "{";
  Open();
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_FALSE(IsAlive(task));
  EXPECT_FALSE(std::filesystem::exists(config_.state_dir + "/apps/s"));
  EXPECT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  EXPECT_NE(RunningPid("s"), task);
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, AppWhoseManifestDoesNotFitItsRecordRunsOn) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const pid_t task = PidIn(OnlyFolder() + "/task.json");
  const std::string path = config_.state_dir + "/apps/s/app.json";
  Replace(path, "\"ports\":[[", "\"ports\":[[1,");
  Open();
  EXPECT_EQ(RunningPid("s"), task);
  EXPECT_THAT(Status("s").failure, HasSubstr("its ports are not those"));
  ASSERT_TRUE(RemoveAndWait("s"));
  EXPECT_FALSE(IsAlive(task));
}

TEST_F(LocalRestartTest, AppWhoseUserIsGoneRunsOnAndIsNotLaunchedAgain) {
  CreateAndDie("s", App("/s", "sleep 1000"));
  const std::string folder = OnlyFolder();
  Replace(config_.state_dir + "/apps/s/app.json", R"(\"cmd\")",
          R"(\"user\":\"no-such-user\",\"cmd\")");
  Open();
  const pid_t task = RunningPid("s");
  EXPECT_EQ(Status("s").state, AppState::kFailed);
  EXPECT_THAT(Status("s").failure,
              HasSubstr("user 'no-such-user' does not exist"));
  KillAndWait(task);
  ASSERT_TRUE(Eventually(
      [&] { return std::filesystem::exists(folder + "/ended.json"); }));
  EXPECT_THAT(Status("s").tasks, ElementsAre(Field(&AppTask::state, "failed")));
  EXPECT_EQ(InstanceFolders().size(), 1u);
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, OlderEndDoesNotTakeTheSlotOfALivingInstance) {
  ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("s");
  const std::string first = FolderOf("s");
  const std::string id = Status("s").tasks[0].id;
  KillAndWait(task);
  const AppTask second = NextTask("s", id);
  local_.reset();
  // As if orreryd had been killed before it had noted the end.
  std::filesystem::remove(first + "/ended.json");
  Open();
  EXPECT_EQ(RunningPid("s"), *second.pid);
  EXPECT_THAT(Status("s").waiting_for, IsEmpty());
  EXPECT_THAT(local_->Notes(), Not(Contains(HasSubstr(first))));
  ASSERT_TRUE(RemoveAndWait("s"));
}

TEST_F(LocalRestartTest, ReceiptAfterAKillInTheMiddleNamesWhatIsLeft) {
  ASSERT_THAT(Create("s", App("/s", "sleep 1000",
                              R"(,"container":{"type":"MESOS",)"
                              R"("volumes":[{"containerPath":"data",)"
                              R"("mode":"RW","persistent":{"size":1}}]})")),
              IsOk());
  RunningPid("s");
  ASSERT_TRUE(RemoveAndWait("s"));
  // The removal is done, and whoever asked for it has not heard.
  Reopen();
  const auto receipt = local_->Receipt("s");
  ASSERT_THAT(receipt, IsOk());
  EXPECT_THAT(receipt->kept, ElementsAre(Field(&KeptItem::kind, "sandbox"),
                                         Field(&KeptItem::kind, "volume")));
}

TEST_F(LocalRestartTest, EndedInstancesOfRemovedAppsAreKeptWithinBounds) {
  config_.keep_finished = 2;
  Reopen();
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Create("s", App("/s", "sleep 1000")), IsOk());
    RunningPid("s");
    ASSERT_TRUE(RemoveAndWait("s"));
    Reopen();
  }
  EXPECT_TRUE(Eventually([&] { return InstanceFolders().size() == 2; }));
}

}  // namespace
}  // namespace orrery::catalog
