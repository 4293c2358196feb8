#include "registry/git/stray_git.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

class StrayGitTest : public ::testing::Test {
 protected:
  StrayGitTest()
      : directory_(absl::StrCat(
            ::testing::TempDir(), "stray_git",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(directory_ + "/other");
  }
  ~StrayGitTest() override {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }

  // A process that would go on for long.
  pid_t Start(std::string variable) {
    std::string sleep = "sleep";
    std::string seconds = "600";
    std::string other = "ABC=1";
    char* arguments[] = {sleep.data(), seconds.data(), nullptr};
    char* environment[] = {other.data(), variable.data(), other.data(),
                           nullptr};
    pid_t child = -1;
    EXPECT_EQ(posix_spawn(&child, "/bin/sleep", nullptr, nullptr, arguments,
                          environment),
              0);
    children_.push_back(child);
    return child;
  }

  // The signal that ended it; 0 when it runs.
  static int EndedBy(pid_t child) {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child), &info,
             WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == child ? info.si_status : 0;
  }

  const std::string directory_;
  std::vector<pid_t> children_;
};

TEST_F(StrayGitTest, WhatWorkedForTheServerEndsAndNothingElse) {
  const pid_t first = Start(GitMark(directory_));
  const pid_t second = Start(GitMark(directory_));
  const pid_t longer = Start(GitMark(directory_) + "0");
  const pid_t of_another = Start(GitMark(directory_ + "/other"));
  EXPECT_EQ(EndStrayGit(directory_), 2);
  EXPECT_EQ(EndedBy(first), SIGKILL);
  EXPECT_EQ(EndedBy(second), SIGKILL);
  EXPECT_EQ(EndedBy(longer), 0);
  EXPECT_EQ(EndedBy(of_another), 0);
}

TEST_F(StrayGitTest, DirectoryUnderAnotherNameIsTheSame) {
  std::filesystem::create_directory_symlink(directory_, directory_ + "/link");
  const pid_t child = Start(GitMark(directory_ + "/link"));
  EXPECT_EQ(EndStrayGit(directory_), 1);
  EXPECT_EQ(EndedBy(child), SIGKILL);
}

TEST_F(StrayGitTest, MissingDirectoryHasNoMarkAndEndsNothing) {
  EXPECT_EQ(GitMark(directory_ + "/missing"), "");
  EXPECT_EQ(EndStrayGit(directory_ + "/missing"), 0);
}

}  // namespace
}  // namespace orrery::registry
