// Jobs, which run once, and apps that wait for others, with real processes
// (orchestrators.md §3.5, §3.8).

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
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

using ::testing::HasSubstr;

class LocalJobTest : public LocalFixture {
 protected:
  // Writes a line each time it runs.
  absl::Status Run(absl::string_view cmd) {
    return local_->Create(
        {"job",
         App("/job", absl::StrCat("echo x >> ", Log(), "; ", cmd)),
         {},
         /*run_once=*/true});
  }
  std::string Log() const { return absl::StrCat(directory_, "/log"); }
  bool HasRun() {
    return Eventually([&] { return !ReadFile(Log()).empty(); });
  }
  void ExpectRanOnce() { EXPECT_EQ(ReadFile(Log()), "x\n"); }
};

TEST_F(LocalJobTest, HasFinishedWhenItEndsWell) {
  ASSERT_THAT(Run("exit 0"), IsOk());
  ASSERT_TRUE(ReachesState("job", AppState::kFinished));
  EXPECT_EQ(Status("job").tasks.at(0).state, "finished");
  Reopen();
  EXPECT_EQ(Status("job").state, AppState::kFinished);
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, HasFailedWithItsExitCodeAndIsNotRepeated) {
  ASSERT_THAT(Run("echo broken >&2; exit 4"), IsOk());
  ASSERT_TRUE(ReachesState("job", AppState::kFailed));
  EXPECT_THAT(Status("job").failure,
              HasSubstr("exit code 4; stderr ends: broken; a job runs once"));
  Reopen();
  EXPECT_EQ(Status("job").state, AppState::kFailed);
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, EndThatNobodySawIsTakenFromItsFile) {
  ASSERT_THAT(Run(absl::StrCat("until [ -e ", directory_,
                               "/go ]; do sleep 0.02; done")),
              IsOk());
  ASSERT_TRUE(HasRun());
  EXPECT_TRUE(ReachesState("job", AppState::kRunning));
  const std::string folder = FolderOf("job");
  local_.reset();
  std::ofstream(directory_ + "/go") << "x";
  ASSERT_TRUE(Eventually(
      [&] { return std::filesystem::exists(folder + "/exit.json"); }));
  Open();
  EXPECT_TRUE(ReachesState("job", AppState::kFinished));
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, LostOneHasFailedAndIsNotStartedByGuess) {
  ASSERT_THAT(Run("sleep 1000"), IsOk());
  ASSERT_TRUE(HasRun());
  const pid_t task = RunningPid("job");
  const pid_t shim = ParentOf(task);
  local_.reset();
  kill(shim, SIGKILL);
  kill(task, SIGKILL);
  ASSERT_TRUE(Eventually([&] { return !IsAlive(shim) && !IsAlive(task); }));
  Open();
  EXPECT_TRUE(ReachesState("job", AppState::kFailed));
  EXPECT_THAT(Status("job").failure, HasSubstr("nothing says how it ended"));
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, IsNotStartedAgainAfterAReboot) {
  ASSERT_THAT(Run("exec sleep 1000"), IsOk());
  ASSERT_TRUE(HasRun());
  const pid_t task = RunningPid("job");
  const pid_t shim = ParentOf(task);
  const std::string record = FolderOf("job") + "/instance.json";
  local_.reset();
  kill(shim, SIGKILL);
  kill(task, SIGKILL);
  ASSERT_TRUE(Eventually([&] { return !IsAlive(shim) && !IsAlive(task); }));
  const std::string text = absl::StrReplaceAll(
      ReadFile(record), {{BootId(), "00000000-0000-0000-0000-000000000000"}});
  std::ofstream(record) << text;
  Open();
  EXPECT_TRUE(ReachesState("job", AppState::kFailed));
  EXPECT_THAT(Status("job").failure, HasSubstr("the host was restarted"));
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, RunsOverARestartAndIsAdopted) {
  ASSERT_THAT(Run("sleep 1000"), IsOk());
  const pid_t task = RunningPid("job");
  Reopen();
  EXPECT_EQ(RunningPid("job"), task);
  ASSERT_TRUE(RemoveAndWait("job"));
  ExpectRanOnce();
}

TEST_F(LocalJobTest, NextJobOfTheServiceRuns) {
  ASSERT_THAT(Run("exit 0"), IsOk());
  ASSERT_TRUE(ReachesState("job", AppState::kFinished));
  ASSERT_TRUE(RemoveAndWait("job"));
  ASSERT_THAT(Run("exit 0"), IsOk());
  ASSERT_TRUE(ReachesState("job", AppState::kFinished));
  Reopen();
  EXPECT_EQ(Status("job").state, AppState::kFinished);
  ASSERT_TRUE(RemoveAndWait("job"));
  EXPECT_EQ(ReadFile(Log()), "x\nx\n");
}

TEST_F(LocalJobTest, CannotBeUpdatedAndHasOneInstance) {
  ASSERT_THAT(Run("sleep 1000"), IsOk());
  EXPECT_THAT(
      local_->Update({"job", App("/job", "sleep 1"), {}, true}),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is a job")));
  EXPECT_THAT(
      local_->Create(
          {"many", App("/many", "true", R"(,"instances":2)"), {}, true}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("has one instance")));
  ASSERT_TRUE(RemoveAndWait("job"));
}

class LocalDependencyTest : public LocalFixture {
 protected:
  static std::string On(absl::string_view id) {
    return absl::StrCat(R"(,"dependencies":[")", id, R"("])");
  }
};

TEST_F(LocalDependencyTest, AppStartsOnceWhatItDependsOnIsUp) {
  const std::string check = absl::StrCat(
      R"(,"healthChecks":[{"protocol":"COMMAND","delaySeconds":0,)"
      R"("maxConsecutiveFailures":100,"command":{"value":"test -e )",
      directory_, R"(/go"}}])");
  ASSERT_THAT(Create("store", App("/store", "sleep 1000", check)), IsOk());
  ASSERT_THAT(Create("web", App("/web", "sleep 1000", On("/store"))), IsOk());
  ASSERT_TRUE(Eventually([&] {
    const std::vector<std::string> waits = Status("web").waiting_for;
    return !waits.empty() &&
           absl::StrContains(waits[0],
                             "service 'store', on which it depends, is not up");
  }));
  RunningPid("store");
  EXPECT_TRUE(Status("web").tasks.empty());
  std::ofstream(directory_ + "/go") << "x";
  EXPECT_TRUE(ReachesState("web", AppState::kRunning));
  ASSERT_TRUE(RemoveAndWait("web"));
  ASSERT_TRUE(RemoveAndWait("store"));
}

TEST_F(LocalDependencyTest, StopsBehindWhatDependsOnIt) {
  ASSERT_THAT(Create("store", App("/store", "sleep 1000")), IsOk());
  ASSERT_TRUE(ReachesState("store", AppState::kRunning));
  const pid_t store = RunningPid("store");
  ASSERT_THAT(Create("web", App("/web",
                                absl::StrCat("trap 'test -e ", directory_,
                                             "/go && exit' TERM; "
                                             "while :; do sleep 0.02; done"),
                                absl::StrCat(R"(,"taskKillGracePeriodSeconds")",
                                             ":1000", On("/store")))),
              IsOk());
  const pid_t web = RunningPid("web");
  ASSERT_TRUE(ReachesState("web", AppState::kRunning));
  ASSERT_THAT(local_->Remove("web"), IsOk());
  ASSERT_THAT(local_->Remove("store"), IsOk());
  ASSERT_TRUE(Eventually([&] {
    const std::vector<std::string> waits = Status("store").waiting_for;
    return !waits.empty() &&
           absl::StrContains(waits.back(), "service 'web', which depends");
  }));
  EXPECT_TRUE(IsAlive(store));
  std::ofstream(directory_ + "/go") << "x";
  // A signal that its shell ignored when there was no file yet.
  kill(web, SIGTERM);
  EXPECT_TRUE(Eventually(
      [&] { return absl::IsNotFound(local_->Observe("store").status()); }));
  EXPECT_TRUE(Eventually(
      [&] { return absl::IsNotFound(local_->Observe("web").status()); }));
}

TEST_F(LocalDependencyTest, CircleIsRefused) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000", On("/b"))), IsOk());
  EXPECT_THAT(Create("b", App("/b", "sleep 1000", On("/a"))),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("/b -> /a -> /b")));
  EXPECT_THAT(local_->Observe("b"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(RemoveAndWait("a"));
}

}  // namespace
}  // namespace orrery::catalog
