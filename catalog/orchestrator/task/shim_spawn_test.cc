// The shim by itself: what it does with what it is told.

#include "catalog/orchestrator/task/shim_spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/process/process_tree.h"
#include "catalog/orchestrator/task/instance_record.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;

using ::testing::HasSubstr;

class ShimSpawnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::string pattern = absl::StrCat(::testing::TempDir(), "/shimXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    std::filesystem::create_directory(directory_ + "/logs");
    std::filesystem::create_directory(directory_ + "/sandbox");
    program_ = absl::StrCat(std::filesystem::current_path().string(),
                            "/catalog/orchestrator/shim/orrery-shim");
    lock_ = open((directory_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC,
                 0600);
    ASSERT_EQ(flock(lock_, LOCK_EX | LOCK_NB), 0);
  }
  void TearDown() override {
    close(lock_);
    Kill(Descendants(ListProcesses(), getpid()));
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    std::filesystem::remove_all(directory_);
  }

  LaunchSpec Shell(const std::string& script) const {
    LaunchSpec spec;
    spec.arguments = {"/bin/sh", "-c", script};
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.directory = directory_ + "/sandbox";
    spec.grace_milliseconds = 200;
    return spec;
  }
  absl::StatusOr<SpawnedShim> Task(const LaunchSpec& spec) {
    auto shim = SpawnShim(program_, {"task", directory_}, spec, lock_,
                          absl::Seconds(30));
    close(lock_);
    lock_ = -1;
    return shim;
  }
  static bool WaitForEnd(const ProcessHandle& handle) {
    pollfd entry = {handle.descriptor(), POLLIN, 0};
    return poll(&entry, 1, 30000) == 1;
  }
  ExitRecord Exit() {
    const auto text = ReadWholeFile(directory_ + "/exit.json");
    EXPECT_THAT(text, IsOk());
    const auto exit = DecodeExitRecord(text.value_or(""));
    EXPECT_THAT(exit, IsOk());
    return exit.ok() ? *exit : ExitRecord();
  }
  std::string Output() { return *ReadWholeFile(directory_ + "/logs/stdout"); }

  std::string directory_;
  std::string program_;
  int lock_ = -1;
};

TEST_F(ShimSpawnTest, RunsTheTaskAndSaysHowItEnded) {
  const auto shim = Task(Shell("echo out; echo err >&2; exit 7"));
  ASSERT_THAT(shim, IsOk());
  EXPECT_TRUE(shim->reported);
  ASSERT_TRUE(WaitForEnd(shim->handle));
  EXPECT_TRUE(Exit().started);
  EXPECT_EQ(Exit().code, 7);
  EXPECT_EQ(Output(), "out\n");
  EXPECT_EQ(*ReadWholeFile(directory_ + "/logs/stderr"), "err\n");
}

TEST_F(ShimSpawnTest, HoldsTheLockAsLongAsItLives) {
  const auto shim = Task(Shell("sleep 1000"));
  ASSERT_THAT(shim, IsOk());
  EXPECT_TRUE(ShimHoldsLock(directory_));
  shim->handle.Signal(SIGUSR1);
  ASSERT_TRUE(WaitForEnd(shim->handle));
  EXPECT_FALSE(ShimHoldsLock(directory_));
  EXPECT_EQ(Exit().signal, SIGKILL);
}

TEST_F(ShimSpawnTest, StopsWithGraceAndThenKills) {
  const auto shim =
      Task(Shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
  ASSERT_THAT(shim, IsOk());
  while (Output() != "ready\n") poll(nullptr, 0, 5);
  const absl::Time begin = absl::Now();
  shim->handle.Signal(SIGTERM);
  ASSERT_TRUE(WaitForEnd(shim->handle));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(200));
  EXPECT_EQ(Exit().signal, SIGKILL);
}

TEST_F(ShimSpawnTest, SaysWhyATaskCannotRun) {
  LaunchSpec spec = Shell("");
  spec.arguments = {"/no/such/program"};
  const auto shim = Task(spec);
  ASSERT_THAT(shim, IsOk());
  EXPECT_FALSE(shim->reported);
  ASSERT_TRUE(WaitForEnd(shim->handle));
  EXPECT_FALSE(Exit().started);
  EXPECT_THAT(Exit().error, HasSubstr("cannot run '/no/such/program'"));
}

TEST_F(ShimSpawnTest, SaysThatTheDirectoryIsMissing) {
  LaunchSpec spec = Shell("true");
  spec.directory = directory_ + "/absent";
  const auto shim = Task(spec);
  ASSERT_THAT(shim, IsOk());
  ASSERT_TRUE(WaitForEnd(shim->handle));
  EXPECT_THAT(Exit().error, HasSubstr("/absent'"));
}

// What a kill -9 of orreryd in the middle of its message leaves.
TEST_F(ShimSpawnTest, StartsNothingWhenItsSpecificationIsCutShort) {
  const std::string whole = EncodeLaunchSpec(Shell("echo it ran"));
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(lock_, kShimLockDescriptor + 100);
    dup2(pair[1], kShimSpecDescriptor + 100);
    dup2(kShimLockDescriptor + 100, kShimLockDescriptor);
    dup2(kShimSpecDescriptor + 100, kShimSpecDescriptor);
    close_range(kShimSpecDescriptor + 1, ~0U, 0);
    execl(program_.c_str(), "orrery-shim", "task", directory_.c_str(), nullptr);
    _exit(1);
  }
  close(pair[1]);
  ASSERT_GT(send(pair[0], whole.data(), whole.size() - 1, MSG_NOSIGNAL), 0);
  close(pair[0]);
  ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
  EXPECT_FALSE(Exit().started);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/task.json"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/logs/stdout"));
}

struct CheckCase {
  const char* script;
  int exit;
};

TEST_F(ShimSpawnTest, CheckTellsPassFailureAndTimeout) {
  for (const CheckCase& c :
       std::vector<CheckCase>{{"exit 0", 0},
                              {"exit 3", 1},
                              {"kill -9 $$", 1},
                              {"sleep 1000 & sleep 1000", 124}}) {
    const auto check = SpawnShim(program_, {"check"}, Shell(c.script),
                                 /*lock=*/-1, absl::ZeroDuration());
    ASSERT_THAT(check, IsOk());
    ASSERT_TRUE(WaitForEnd(check->handle));
    const auto status = check->handle.Reap();
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(WEXITSTATUS(*status), c.exit) << c.script;
  }
  EXPECT_TRUE(Descendants(ListProcesses(), getpid()).empty());
}

TEST_F(ShimSpawnTest, MissingProgramIsSaid) {
  program_ += ".absent";
  EXPECT_THAT(Task(Shell("true")), StatusIs(absl::StatusCode::kUnavailable,
                                            HasSubstr("orrery-shim.absent")));
}

}  // namespace
}  // namespace orrery::catalog
