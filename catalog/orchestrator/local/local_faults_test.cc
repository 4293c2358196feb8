// What goes wrong at run time and how it is told (orchestrators.md §3.9), with
// real processes.

#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/local/local_fixture.h"
#include "catalog/orchestrator/local/local_orchestrator.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/test_http_server.h"
#include "signing/digest.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LocalFaultsTest : public LocalFixture {
 protected:
  bool Waits(absl::string_view service, absl::string_view reason) {
    return Eventually([&] {
      for (const std::string& wait : Status(service).waiting_for) {
        if (absl::StrContains(wait, reason)) return true;
      }
      return false;
    });
  }
  // The number in a file of the sandbox, once it is there.
  pid_t PidIn(const std::string& path) {
    EXPECT_TRUE(Eventually([&] { return !ReadFile(path).empty(); }));
    return std::atoi(ReadFile(path).c_str());
  }
  // A socket of somebody else on that port of loopback; -1 when it is taken.
  static int Listen(int port) {
    const int stranger = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(stranger, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(stranger, reinterpret_cast<sockaddr*>(&address),
             sizeof(address)) != 0 ||
        listen(stranger, 16) != 0) {
      close(stranger);
      return -1;
    }
    return stranger;
  }
};

// A disk of its own for the target, small enough to be filled.
class LocalFullDiskTest : public LocalFaultsTest {
 protected:
  void SetUp() override {
    LocalFaultsTest::SetUp();
    local_.reset();
    config_.state_dir = absl::StrCat(directory_, "/small");
    std::filesystem::create_directory(config_.state_dir);
    if (mount("none", config_.state_dir.c_str(), "tmpfs", 0, "size=2m") != 0) {
      GTEST_SKIP() << "this test may not mount a small disk";
    }
    Open();
  }
  void TearDown() override {
    local_.reset();
    umount2(config_.state_dir.c_str(), MNT_DETACH);
    LocalFaultsTest::TearDown();
  }
  void Fill() {
    std::ofstream file(Filler());
    const std::string block(4096, 'x');
    while (file.write(block.data(), 4096) && file.flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(Filler()); }
  std::string Filler() const { return config_.state_dir + "/filler"; }
};

TEST_F(LocalFullDiskTest, NoNewAppIsTakenAndNothingOfItStays) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("a");
  Fill();
  EXPECT_THAT(Create("b", App("/b", "sleep 1000")),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("No space left on device")));
  EXPECT_FALSE(std::filesystem::exists(config_.state_dir + "/apps/b"));
  EXPECT_THAT(local_->Observe("b"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(IsAlive(task));
  EXPECT_EQ(Status("a").state, AppState::kRunning);
  MakeRoom();
  ASSERT_THAT(Create("b", App("/b", "sleep 1000")), IsOk());
  RunningPid("b");
  ASSERT_TRUE(RemoveAndWait("a"));
  ASSERT_TRUE(RemoveAndWait("b"));
}

TEST_F(LocalFullDiskTest, RefusedUpdateLeavesTheEarlierFormItsPort) {
  const int port = config_.first_port + 42;
  constexpr char kNeverUp[] =
      R"(,"portDefinitions":[],"healthChecks":[{"protocol":"COMMAND",)"
      R"("maxConsecutiveFailures":0,"command":{"value":"false"}}])";
  const auto update = [this](const std::string& manifest) {
    return local_->Update({"a", manifest, {}});
  };
  ASSERT_THAT(Create("a", App("/a", "sleep 1000", FixedPort(port))), IsOk());
  ASSERT_TRUE(ReachesState("a", AppState::kRunning));
  ASSERT_THAT(update(App("/a", "sleep 2000", kNeverUp)), IsOk());
  Fill();
  EXPECT_THAT(update(App("/a", "sleep 3000")),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("No space left on device")));
  MakeRoom();
  // An instance of the first form may still listen there.
  EXPECT_THAT(
      local_->DryRun({"b", App("/b", "sleep 1000", FixedPort(port)), {}}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("is held by service a")));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalFullDiskTest, EndIsKnownAndTheNextLaunchWaitsForRoom) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("a");
  const std::string folder = FolderOf("a");
  Fill();
  kill(task, SIGKILL);
  ASSERT_TRUE(Waits("a", "No space left on device"));
  EXPECT_THAT(ReadFile(folder + "/exit.json"), HasSubstr("\"signal\":9"));
  EXPECT_NE(Status("a").state, AppState::kFailed);
  // What could not be started left nothing.
  EXPECT_THAT(InstanceFolders(), ElementsAre(folder));
  MakeRoom();
  EXPECT_NE(RunningPid("a"), task);
  EXPECT_TRUE(ReachesState("a", AppState::kRunning));
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalFullDiskTest, RestartOnAFullDiskAdoptsWhatRuns) {
  ASSERT_THAT(Create("a", App("/a", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("a");
  Fill();
  Reopen();
  EXPECT_EQ(RunningPid("a"), task);
  MakeRoom();
  ASSERT_TRUE(RemoveAndWait("a"));
}

TEST_F(LocalFaultsTest, HangingDownloadIsGivenUpAndTriedAgain) {
  config_.artifact_limits.stall = absl::Seconds(1);
  Reopen();
  TestHttpServer server;
  server.Answer("/a.tgz", "");
  const std::string uri = server.Url("/a.tgz");
  ASSERT_THAT(
      local_->Create({"f",
                      App("/f", "true",
                          absl::StrCat(R"(,"fetch":[{"uri":")", uri, "\"}]")),
                      {{uri, signing::Digest::Of("x").Hex()}}}),
      IsOk());
  EXPECT_TRUE(Eventually([&] { return server.Requests("/a.tgz") >= 2; }));
  EXPECT_TRUE(Waits("f", uri));
  ASSERT_TRUE(RemoveAndWait("f"));
  EXPECT_THAT(InstanceFolders(), IsEmpty());
}

TEST_F(LocalFaultsTest, CrashLoopKeepsItsStateBounded) {
  config_.keep_finished = 3;
  Reopen();
  ASSERT_THAT(Create("c", App("/c", "exit 1", R"(,"backoffFactor":1)")),
              IsOk());
  ASSERT_TRUE(Waits("c", "ended 25 times"));
  ASSERT_TRUE(RemoveAndWait("c"));
  EXPECT_TRUE(Eventually([&] { return InstanceFolders().size() <= 3; }));
  const auto receipt = local_->Receipt("c");
  ASSERT_THAT(receipt, IsOk());
  EXPECT_LE(receipt->removed.size(), 3u);
}

TEST_F(LocalFaultsTest, TaskThatFailsItsCheckIsKilledAndReplaced) {
  ASSERT_THAT(
      Create("sick",
             App("/sick", "touch well; exec sleep 1000",
                 R"(,"healthChecks":[{"protocol":"COMMAND","delaySeconds":0,)"
                 R"("intervalSeconds":1,"timeoutSeconds":5,)"
                 R"("maxConsecutiveFailures":1,)"
                 R"("command":{"value":"test -e well"}}])")),
      IsOk());
  ASSERT_TRUE(ReachesState("sick", AppState::kRunning));
  const AppTask before = Status("sick").tasks.at(0);
  std::filesystem::remove(before.sandbox + "/well");
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("sick");
    return status.state == AppState::kRunning &&
           status.tasks.at(0).id != before.id;
  }));
  EXPECT_FALSE(IsAlive(static_cast<pid_t>(*before.pid)));
  EXPECT_THAT(ReadFile(before.sandbox + "/../ended.json"),
              HasSubstr("health check"));
  ASSERT_TRUE(RemoveAndWait("sick"));
}

TEST_F(LocalFaultsTest, WhatATaskLeftBehindEndsBeforeTheNextOneStarts) {
  // Forks twice, in a session of its own, deaf to SIGTERM.
  ASSERT_THAT(Create("d", App("/d",
                              "(setsid sh -c 'trap \\\"\\\" TERM; echo $$ > "
                              "daemon.pid; while :; do sleep 1; done' &); "
                              "until [ -s daemon.pid ]; do sleep 0.01; done; "
                              "until [ -e go ]; do sleep 0.01; done")),
              IsOk());
  const pid_t task = RunningPid("d");
  const std::string folder = FolderOf("d");
  const pid_t daemon = PidIn(folder + "/sandbox/daemon.pid");
  ASSERT_TRUE(IsAlive(daemon));
  ASSERT_NE(ReadProcessStat(daemon)->session, ReadProcessStat(task)->session);
  std::ofstream(folder + "/sandbox/go") << "x";
  ASSERT_TRUE(Eventually(
      [&] { return std::filesystem::exists(folder + "/ended.json"); }));
  EXPECT_FALSE(IsAlive(daemon));
  ASSERT_TRUE(RemoveAndWait("d"));
}

TEST_F(LocalFaultsTest, ShimKilledWhileTheTaskIsToEndChangesNothing) {
  ASSERT_THAT(Create("k", App("/k", "trap '' TERM; while :; do sleep 1; done",
                              R"(,"taskKillGracePeriodSeconds":1)")),
              IsOk());
  const pid_t task = RunningPid("k");
  const pid_t shim = ParentOf(task);
  ASSERT_THAT(local_->Remove("k"), IsOk());
  ASSERT_TRUE(
      Eventually([&] { return Status("k").tasks.at(0).state == "killing"; }));
  kill(shim, SIGKILL);
  EXPECT_TRUE(Eventually(
      [&] { return absl::IsNotFound(local_->Observe("k").status()); }));
  EXPECT_FALSE(IsAlive(task));
}

TEST_F(LocalFaultsTest, DynamicPortMovesAwayFromAStranger) {
  ASSERT_THAT(Create("p", App("/p", "sleep 1000")), IsOk());
  const pid_t task = RunningPid("p");
  const int port = Status("p").endpoints[0].port;
  const int stranger = Listen(port);
  ASSERT_GE(stranger, 0);
  kill(task, SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    const AppStatus status = Status("p");
    return status.state == AppState::kRunning &&
           status.endpoints[0].port != port;
  }));
  const int moved = Status("p").endpoints[0].port;
  close(stranger);
  // The new one stays.
  Reopen();
  EXPECT_EQ(Status("p").endpoints[0].port, moved);
  EXPECT_THAT(Status("p").endpoints[0].former_ports, ElementsAre(port));
  ASSERT_TRUE(RemoveAndWait("p"));
}

TEST_F(LocalFaultsTest, FixedPortIsWaitedForAndItsHolderNamed) {
  // The last of the range, which nobody was given.
  const int port = config_.last_port;
  ASSERT_THAT(Create("p", App("/p", "sleep 1000", FixedPort(port))), IsOk());
  const pid_t task = RunningPid("p");
  const int stranger = Listen(port);
  ASSERT_GE(stranger, 0);
  kill(task, SIGKILL);
  EXPECT_TRUE(Waits(
      "p", absl::StrCat("port ", port, " is held by pid ", getpid(), " (")));
  EXPECT_EQ(Status("p").state, AppState::kUnhealthy);
  close(stranger);
  EXPECT_NE(RunningPid("p"), task);
  ASSERT_TRUE(RemoveAndWait("p"));
}

TEST_F(LocalFaultsTest, DiskUsageIsMeasured) {
  config_.disk_interval = absl::Milliseconds(100);
  Reopen();
  ASSERT_THAT(
      Create("u", App("/u", "head -c 300000 /dev/zero > big; sleep 99")),
      IsOk());
  EXPECT_TRUE(Eventually([&] {
    const std::vector<AppTask> tasks = Status("u").tasks;
    return !tasks.empty() && tasks[0].disk_bytes.value_or(0) >= 300000;
  }));
  ASSERT_TRUE(RemoveAndWait("u"));
}

TEST_F(LocalFaultsTest, OrrerydKilledDuringADownloadStartsItAgain) {
  TestHttpServer server;
  server.Answer("/a.txt", "");
  const std::string uri = server.Url("/a.txt");
  ASSERT_THAT(
      local_->Create({"f",
                      App("/f", "sleep 1000",
                          absl::StrCat(R"(,"fetch":[{"uri":")", uri, "\"}]")),
                      {{uri, signing::Digest::Of("x").Hex()}}}),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return server.Requests("/a.txt") == 1; }));
  EXPECT_THAT(InstanceFolders(), SizeIs(1));
  const std::string half = InstanceFolders()[0];
  local_.reset();
  // As a kill -9 would have left it.
  std::filesystem::create_directories(half + "/sandbox");
  server.AnswerBody("/a.txt", "x");
  Open();
  RunningPid("f");
  EXPECT_FALSE(std::filesystem::exists(half));
  ASSERT_TRUE(RemoveAndWait("f"));
}

}  // namespace
}  // namespace orrery::catalog
