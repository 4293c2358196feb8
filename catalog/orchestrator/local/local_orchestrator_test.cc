#include "catalog/orchestrator/local/local_orchestrator.h"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/task_user.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kServe[] =
    "exec /usr/bin/python3 -m http.server --bind 127.0.0.1 $PORT0";
constexpr char kHttpCheck[] =
    R"(,"healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0}])";

class LocalOrchestratorTest : public LocalFixture {
 protected:
  // Until every one of the texts was read.
  std::vector<LogLine> ReadUntil(LogReader* reader,
                                 const std::vector<std::string>& texts) {
    std::vector<LogLine> lines;
    Eventually([&] {
      const auto read = reader->Read();
      if (!read.ok()) return true;
      lines.insert(lines.end(), read->begin(), read->end());
      return std::all_of(
          texts.begin(), texts.end(), [&lines](const std::string& text) {
            return std::any_of(
                lines.begin(), lines.end(),
                [&text](const LogLine& line) { return line.text == text; });
          });
    });
    return lines;
  }
};

TEST_F(LocalOrchestratorTest, RunsAnAppThatAnswersUntilItIsRemoved) {
  ASSERT_THAT(Create("web", App("/web", kServe, kHttpCheck)), IsOk());
  ASSERT_TRUE(ReachesState("web", AppState::kRunning));

  const AppStatus status = Status("web");
  ASSERT_EQ(status.endpoints.size(), 1u);
  EXPECT_EQ(status.endpoints[0].name, "default");
  EXPECT_EQ(status.endpoints[0].host, "127.0.0.1");
  EXPECT_GE(status.endpoints[0].port, config_.first_port);
  ASSERT_EQ(status.tasks.size(), 1u);
  EXPECT_EQ(status.tasks[0].state, "running");
  EXPECT_EQ(status.tasks[0].health, "healthy");
  EXPECT_THAT(status.tasks[0].id, HasSubstr("web.instance-"));
  EXPECT_THAT(status.waiting_for, IsEmpty());

  ASSERT_TRUE(RemoveAndWait("web"));
  const auto receipt = local_->Receipt("web");
  ASSERT_THAT(receipt, IsOk());
  EXPECT_THAT(receipt->removed, Contains(Field(&RemovedItem::kind, "task")));
  EXPECT_THAT(receipt->kept, ElementsAre(Field(&KeptItem::remove_command,
                                               HasSubstr("rm -r -- '"))));
  EXPECT_THAT(local_->Remove("web"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LocalOrchestratorTest, FollowsTheOutputOfATask) {
  ASSERT_THAT(Create("talk", App("/talk",
                                 "echo hello; echo oops >&2; "
                                 "until [ -e go ]; do sleep 0.02; done; "
                                 "echo later; sleep 1000")),
              IsOk());
  RunningPid("talk");
  auto reader = local_->ReadLogs("talk", LogQuery{});
  ASSERT_THAT(reader, IsOk());
  const std::vector<LogLine> lines =
      ReadUntil(reader->get(), {"hello", "oops"});
  EXPECT_THAT(lines, Contains(AllOf(Field(&LogLine::stream, "stdout"),
                                    Field(&LogLine::text, "hello"))));
  EXPECT_THAT(lines, Contains(AllOf(Field(&LogLine::stream, "stderr"),
                                    Field(&LogLine::text, "oops"))));
  std::ofstream(absl::StrCat(Status("talk").tasks[0].sandbox, "/go")) << "x";
  EXPECT_THAT(ReadUntil(reader->get(), {"later"}),
              Contains(Field(&LogLine::text, "later")));
  ASSERT_TRUE(RemoveAndWait("talk"));
  EXPECT_TRUE(
      Eventually([&] { return absl::IsNotFound((*reader)->Read().status()); }));
}

TEST_F(LocalOrchestratorTest, RefusesASecondAppOfAService) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  EXPECT_THAT(Create("a", App("/b", "sleep 1000")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Create("b", App("/a", "sleep 1000")),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("'a'")));
  EXPECT_THAT(local_->Observe("b"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalOrchestratorTest, RefusesAnAppThatBreaksARuleAndLeavesNothing) {
  const auto forecast = local_->DryRun(
      {"bad", R"({"id":"/bad","cmd":"x","args":["y"],"cpus":-1})", {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->violations, Contains(Field(&Violation::path, "/cpus")));
  EXPECT_THAT(Create("bad", R"({"id":"/bad"})"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

TEST_F(LocalOrchestratorTest, RefusesAnAppWithAnImage) {
  const auto forecast = local_->DryRun(
      {"img",
       R"({"id":"/img","container":{"docker":{"image":"nginx:1"}}})",
       {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->violations,
              ElementsAre(AllOf(
                  Field(&Violation::path, "/container/docker/image"),
                  Field(&Violation::text, HasSubstr("container engine")))));
}

TEST_F(LocalOrchestratorTest, StartsAnEndedTaskAgainWithItsPorts) {
  ASSERT_THAT(Create("again", App("/again", "echo $PORT0; sleep 1000")),
              IsOk());
  const pid_t first = RunningPid("again");
  const std::vector<int> ports = Status("again").tasks[0].ports;
  const std::string first_id = Status("again").tasks[0].id;
  kill(first, SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("again");
    return !status.tasks.empty() && status.tasks[0].state == "running" &&
           status.tasks[0].pid != first;
  }));
  EXPECT_EQ(Status("again").tasks[0].ports, ports);
  EXPECT_NE(Status("again").tasks[0].id, first_id);
  ASSERT_TRUE(RemoveAndWait("again"));
}

TEST_F(LocalOrchestratorTest, KillsAnAppThatIgnoresSigtermAfterItsGrace) {
  ASSERT_THAT(
      Create("deaf", App("/deaf", "trap '' TERM; while :; do sleep 1; done",
                         R"(,"taskKillGracePeriodSeconds":0.2)")),
      IsOk());
  const pid_t task = RunningPid("deaf");
  ASSERT_TRUE(RemoveAndWait("deaf"));
  EXPECT_FALSE(IsAlive(task));
}

TEST_F(LocalOrchestratorTest, AppEndsInPeaceWithinItsGrace) {
  ASSERT_THAT(Create("kind", App("/kind",
                                 "trap 'echo bye > ../last; exit 0' TERM; "
                                 "while :; do sleep 0.05; done")),
              IsOk());
  RunningPid("kind");
  const std::string folder = FolderOf("kind");
  ASSERT_TRUE(RemoveAndWait("kind"));
  EXPECT_THAT(ReadFile(folder + "/exit.json"), HasSubstr("\"code\":0"));
  EXPECT_THAT(ReadFile(folder + "/ended.json"), HasSubstr("killed"));
}

TEST_F(LocalOrchestratorTest, EndsWhatForkedAway) {
  ASSERT_THAT(
      Create("daemon",
             App("/daemon",
                 "setsid sh -c 'echo $$ > daemon.pid; exec sleep 1000' & "
                 "sleep 1000")),
      IsOk());
  RunningPid("daemon");
  const std::string file = FolderOf("daemon") + "/sandbox/daemon.pid";
  ASSERT_TRUE(Eventually([&] { return !ReadFile(file).empty(); }));
  const pid_t daemon = std::atoi(ReadFile(file).c_str());
  ASSERT_TRUE(IsAlive(daemon));
  ASSERT_TRUE(RemoveAndWait("daemon"));
  EXPECT_FALSE(IsAlive(daemon));
}

TEST_F(LocalOrchestratorTest, EndsWhatForkedAwayEvenWithoutItsShim) {
  ASSERT_THAT(
      Create("daemon",
             App("/daemon",
                 "setsid sh -c 'echo $$ > daemon.pid; exec sleep 1000' & "
                 "sleep 1000")),
      IsOk());
  const pid_t task = RunningPid("daemon");
  const std::string file = FolderOf("daemon") + "/sandbox/daemon.pid";
  ASSERT_TRUE(Eventually([&] { return !ReadFile(file).empty(); }));
  const pid_t daemon = std::atoi(ReadFile(file).c_str());
  kill(ParentOf(task), SIGKILL);
  ASSERT_TRUE(Eventually([&] { return ParentOf(task) == getpid(); }));
  ASSERT_TRUE(RemoveAndWait("daemon"));
  EXPECT_FALSE(IsAlive(daemon));
}

TEST_F(LocalOrchestratorTest, CrashLoopSaysExitCodeAndEndOfStderr) {
  ASSERT_THAT(
      Create("crash",
             App("/crash", "echo no config file >&2; exit 3",
                 R"(,"backoffFactor":1000,"maxLaunchDelaySeconds":3600)")),
      IsOk());
  ASSERT_TRUE(Eventually([&] {
    return !Status("crash").waiting_for.empty() &&
           absl::StrContains(Status("crash").waiting_for[0], "no config file");
  }));
  EXPECT_THAT(Status("crash").waiting_for[0], HasSubstr("exit code 3"));
  ASSERT_TRUE(RemoveAndWait("crash"));
}

TEST_F(LocalOrchestratorTest, CrashLoopSaysTheLineThatAStackTraceFollows) {
  ASSERT_THAT(
      Create(
          "crash",
          App("/crash",
              R"(printf 'starting\\nBadConfig: no disk\\n\\tat main\\n'; exit 3)",
              R"(,"backoffFactor":1000,"maxLaunchDelaySeconds":3600)")),
      IsOk());
  ASSERT_TRUE(Eventually([&] {
    return !Status("crash").waiting_for.empty() &&
           absl::EndsWith(Status("crash").waiting_for[0],
                          "exit code 3; stdout ends: BadConfig: no disk");
  }));
  ASSERT_TRUE(RemoveAndWait("crash"));
}

TEST_F(LocalOrchestratorTest, CommandThatCannotBeRunSaysWhy) {
  ASSERT_THAT(
      Create(
          "none",
          R"({"id":"/none","args":["no-such-program"],"cpus":0.01,"mem":16})"),
      IsOk());
  ASSERT_TRUE(Eventually([&] {
    return !Status("none").waiting_for.empty() &&
           absl::StrContains(Status("none").waiting_for[0],
                             "cannot run 'no-such-program'");
  }));
  ASSERT_TRUE(RemoveAndWait("none"));
}

TEST_F(LocalOrchestratorTest, NothingOfOursIsInTheEnvironment) {
  setenv("ORRERY_SECRET_OF_THE_SERVER", "1", 1);
  ASSERT_THAT(Create("env", App("/env", "sleep 1000",
                                R"(,"env":{"TOKEN":"t0p-s3cret"})")),
              IsOk());
  const pid_t task = RunningPid("env");
  const std::string environment =
      ReadFile(absl::StrCat("/proc/", task, "/environ"));
  EXPECT_THAT(environment, HasSubstr("TOKEN=t0p-s3cret"));
  EXPECT_THAT(environment, HasSubstr("MARATHON_APP_ID=/env"));
  EXPECT_THAT(environment, Not(HasSubstr("ORRERY_SECRET_OF_THE_SERVER")));
  const pid_t shim = ParentOf(task);
  for (const char* const file : {"environ", "cmdline"}) {
    EXPECT_THAT(ReadFile(absl::StrCat("/proc/", shim, "/", file)),
                Not(HasSubstr("t0p-s3cret")));
  }
  const std::string folder = FolderOf("env");
  for (const char* const file : {"instance.json", "shim.json", "task.json"}) {
    EXPECT_THAT(ReadFile(absl::StrCat(folder, "/", file)),
                Not(HasSubstr("t0p-s3cret")));
  }
  ASSERT_TRUE(RemoveAndWait("env"));
  unsetenv("ORRERY_SECRET_OF_THE_SERVER");
}

TEST_F(LocalOrchestratorTest, TaskHoldsNoDescriptorOfOurs) {
  ASSERT_THAT(Create("fds", App("/fds", "exec sleep 1000")), IsOk());
  const pid_t task = RunningPid("fds");
  std::vector<std::string> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat("/proc/", task, "/fd"))) {
    descriptors.push_back(entry.path().filename());
  }
  EXPECT_THAT(descriptors, ::testing::UnorderedElementsAre("0", "1", "2"));
  ASSERT_TRUE(RemoveAndWait("fds"));
}

TEST_F(LocalOrchestratorTest, CommandCheckRunsInTheSandbox) {
  ASSERT_THAT(
      Create("cmd",
             App("/cmd", "touch alive; sleep 1000",
                 R"(,"healthChecks":[{"protocol":"COMMAND","delaySeconds":0,)"
                 R"("command":{"value":"test -e alive -a -n \"$PORT0\""}}])")),
      IsOk());
  EXPECT_TRUE(ReachesState("cmd", AppState::kRunning));
  EXPECT_EQ(Status("cmd").tasks[0].health, "healthy");
  ASSERT_TRUE(RemoveAndWait("cmd"));
}

TEST_F(LocalOrchestratorTest, PersistentVolumeOutlivesTheApp) {
  const std::string app =
      App("/vol", "cat data/count; echo x >> data/count; sleep 1000",
          R"(,"container":{"type":"MESOS","volumes":[{"containerPath":"data",)"
          R"("mode":"RW","persistent":{"size":10}}]})");
  ASSERT_THAT(Create("vol", app), IsOk());
  RunningPid("vol");
  ASSERT_TRUE(RemoveAndWait("vol"));
  const auto receipt = local_->Receipt("vol");
  ASSERT_THAT(receipt, IsOk());
  EXPECT_THAT(receipt->kept, Contains(Field(&KeptItem::kind, "volume")));
  EXPECT_TRUE(
      std::filesystem::exists(config_.state_dir + "/volumes/vol/0/data"));
  const auto forecast = local_->DryRun({"vol", app, {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_THAT(forecast->warnings,
              Contains(AllOf(HasSubstr("the data that an earlier vol left in"),
                             HasSubstr("rm -r -- '"))));
}

TEST_F(LocalOrchestratorTest, AppThatDoesNotComeUpFailsAtItsDeadline) {
  config_.deployment_deadline = absl::Milliseconds(500);
  Reopen();
  ASSERT_THAT(Create("slow", App("/slow", "sleep 1000", kHttpCheck)), IsOk());
  ASSERT_TRUE(ReachesState("slow", AppState::kFailed));
  EXPECT_THAT(Status("slow").failure,
              AllOf(HasSubstr("did not come up within 500ms"),
                    HasSubstr("health check GET http://127.0.0.1:")));
  ASSERT_TRUE(RemoveAndWait("slow"));
}

TEST_F(LocalOrchestratorTest, AppWaitsForCpusThatAreNotFree) {
  config_.cpus = 1;
  config_.overcommit_cpus = 1;
  Reopen();
  const std::string one =
      R"({"id":"/one","cmd":"sleep 1000","cpus":0.8,"mem":16})";
  const std::string two =
      R"({"id":"/two","cmd":"sleep 1000","cpus":0.5,"mem":16})";
  ASSERT_THAT(Create("one", one), IsOk());
  RunningPid("one");
  const auto forecast = local_->DryRun({"two", two, {}});
  ASSERT_THAT(forecast, IsOk());
  EXPECT_DOUBLE_EQ(forecast->more.cpus, 0.5);
  EXPECT_NEAR(local_->Free()->cpus, 0.2, 1e-9);
  ASSERT_THAT(Create("two", two), IsOk());
  ASSERT_TRUE(Eventually([&] {
    return !Status("two").waiting_for.empty() &&
           absl::StrContains(Status("two").waiting_for[0], "are free");
  }));
  EXPECT_THAT(Status("two").tasks, IsEmpty());
  ASSERT_TRUE(RemoveAndWait("one"));
  RunningPid("two");
  ASSERT_TRUE(RemoveAndWait("two"));
}

// Not even root can in a user namespace with one user, as a test's sandbox is.
bool CanBecome(const char* name) {
  const absl::StatusOr<TaskUser> user = FindTaskUser(name, false);
  if (!user.ok()) return false;
  const pid_t child = fork();
  if (child == 0) {
    _exit(setgroups(0, nullptr) == 0 && setgid(user->group) == 0 &&
                  setuid(user->user) == 0
              ? 0
              : 1);
  }
  int status = 1;
  return waitpid(child, &status, 0) == child && status == 0;
}

TEST_F(LocalOrchestratorTest, TaskOfAnotherUserOwnsItsSandbox) {
  if (!CanBecome("nobody")) GTEST_SKIP() << "users cannot be switched here";
  // Every folder above must let that user through.
  std::string pattern = "/tmp/otherXXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  ASSERT_EQ(chmod(pattern.c_str(), 0711), 0);
  config_.state_dir = pattern + "/state";
  Reopen();
  ASSERT_THAT(Create("who", App("/who", "id -un; echo x > mine; sleep 1000",
                                R"(,"user":"nobody")")),
              IsOk());
  RunningPid("who");
  const std::string folder = FolderOf("who");
  EXPECT_TRUE(Eventually(
      [&] { return ReadFile(folder + "/logs/stdout") == "nobody\n"; }));
  EXPECT_TRUE(
      Eventually([&] { return ReadFile(folder + "/sandbox/mine") == "x\n"; }));
  ASSERT_TRUE(RemoveAndWait("who"));
  local_.reset();
  std::filesystem::remove_all(pattern);
}

// FC-38: the port is taken.
}  // namespace
}  // namespace orrery::catalog
