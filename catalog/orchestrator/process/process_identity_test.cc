#include "catalog/orchestrator/process/process_identity.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

pid_t ForkSleeper() {
  const pid_t pid = fork();
  if (pid == 0) {
    while (true) pause();
  }
  return pid;
}

TEST(ProcessStatTest, NameMayHoldParenthesesAndBlanks) {
  const auto stat = ParseProcessStat(
      "42 (a) b (c)) S 7 40 39 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 "
      "2 3");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->group, 40);
  EXPECT_EQ(stat->session, 39);
  EXPECT_EQ(stat->start_time, 98765u);
}

TEST(ProcessStatTest, RefusesOtherText) {
  for (const char* const text :
       {"", "42", "42 (x", "42 (x) S 1 2", "x (y) z"}) {
    EXPECT_FALSE(ParseProcessStat(text).has_value()) << text;
  }
}

TEST(ProcessHandleTest, SignalsAndSeesTheEnd) {
  const pid_t pid = ForkSleeper();
  const auto identity = IdentifyProcess(pid);
  ASSERT_TRUE(identity.has_value());
  const auto handle = ProcessHandle::Open(*identity);
  ASSERT_TRUE(handle.has_value());
  EXPECT_FALSE(handle->Ended());
  EXPECT_FALSE(handle->Reap().has_value());
  EXPECT_TRUE(handle->Signal(SIGKILL));
  pollfd entry = {handle->descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 30000), 1);
  EXPECT_TRUE(handle->Ended());
  const std::optional<int> status = handle->Reap();
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(WIFSIGNALED(*status));
  EXPECT_EQ(WTERMSIG(*status), SIGKILL);
}

TEST(ProcessHandleTest, AnotherStartTimeIsAnotherProcess) {
  const pid_t pid = ForkSleeper();
  ProcessIdentity identity = *IdentifyProcess(pid);
  ++identity.start_time;
  EXPECT_FALSE(ProcessHandle::Open(identity).has_value());
  --identity.start_time;
  identity.boot_id = "another boot";
  EXPECT_FALSE(ProcessHandle::Open(identity).has_value());
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST(ProcessHandleTest, GoneProcessHasNoHandle) {
  const pid_t pid = ForkSleeper();
  const ProcessIdentity identity = *IdentifyProcess(pid);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_FALSE(ProcessHandle::Open(identity).has_value());
}

}  // namespace
}  // namespace orrery::catalog
