#include "registry/git/git_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <stop_token>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

GitCall Shell(const std::string& script) {
  GitCall call;
  call.program = "/bin/sh";
  call.arguments = {"-c", script};
  call.environment = {"PATH=/usr/bin:/bin"};
  return call;
}

TEST(GitProcessTest, OutputErrorsAndExitCodeAreKept) {
  const auto result = RunGit(Shell("echo out; echo bad >&2; exit 3"));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "bad\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(GitProcessTest, OnlyTheEndOfTheErrorsIsKept) {
  const auto result =
      RunGit(Shell("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; "
                   "i=$((i+1)); done"));
  ASSERT_THAT(result, IsOk());
  EXPECT_LE(result->errors.size(), 8192);
  EXPECT_THAT(result->errors, HasSubstr("line 1999\n"));
  EXPECT_THAT(result->errors, StartsWith("line "));
}

TEST(GitProcessTest, OnlyTheGivenEnvironmentIsPassedOn) {
  ::setenv("ORRERY_SECRET", "s3cret", 1);
  GitCall call = Shell("env");
  call.environment.push_back("LC_ALL=C");
  const auto result = RunGit(call);
  ::unsetenv("ORRERY_SECRET");
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->output, HasSubstr("LC_ALL=C\n"));
  EXPECT_THAT(result->output, ::testing::Not(HasSubstr("ORRERY_SECRET")));
}

TEST(GitProcessTest, NoDescriptorIsInherited) {
  // Without close-on-exec, as a careless library would open it.
  const int leaked = ::open("/dev/null", O_RDONLY);
  ASSERT_GT(leaked, 2);
  const auto result =
      RunGit(Shell(absl::StrCat("test -e /dev/fd/", leaked, " && echo there")));
  ::close(leaked);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->output, "");
}

TEST(GitProcessTest, SilentProgramIsEndedWithItsHelpers) {
  GitCall call = Shell("sleep 600 & sleep 600");
  call.stall_limit = absl::Milliseconds(200);
  const absl::Time start = absl::Now();
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                     HasSubstr("nothing useful came")));
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST(GitProcessTest, ProgramThatOnlyTalksIsStalled) {
  // What children read counts once they are reaped, so it has none.
  GitCall call = Shell(
      "exec perl -e '$| = 1; while (1) { print STDERR \"remote: wait\\n\"; "
      "select(undef, undef, undef, 0.1) }'");
  call.stall_limit = absl::Milliseconds(1000);
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                     HasSubstr("nothing useful came")));
}

TEST(GitProcessTest, ProgramThatReadsSteadilyIsNotStalled) {
  GitCall call = Shell(
      "(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 0.1; "
      "head -c 2000 /dev/zero; done) | cat > /dev/null");
  call.stall_limit = absl::Milliseconds(700);
  EXPECT_THAT(RunGit(call), IsOk());
}

TEST(GitProcessTest, DeadlineEndsABusyProgram) {
  GitCall call = Shell("while :; do echo x >&2; sleep 0.01; done");
  call.deadline = absl::Now() + absl::Milliseconds(200);
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                     HasSubstr("took too long")));
}

TEST(GitProcessTest, StopEndsAWaitingProgram) {
  std::stop_source stop;
  GitCall call = Shell("echo started >&2; sleep 600");
  call.stop = stop.get_token();
  const std::jthread stopper([&stop] { stop.request_stop(); });
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kCancelled));
}

TEST(GitProcessTest, EndlessOutputIsCut) {
  GitCall call = Shell("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
  call.max_output_bytes = 100'000;
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(GitProcessTest, FilesDoNotGrowPastTheLimit) {
  GitCall call = Shell(
      absl::StrCat("head -c 100000 /dev/zero > ", ::testing::TempDir(), "big"));
  call.max_file_bytes = 1000;
  const auto result = RunGit(call);
  ASSERT_THAT(result, IsOk());
  EXPECT_NE(result->exit_code, 0);
}

TEST(GitProcessTest, MemoryDoesNotGrowPastTheLimit) {
  GitCall call = Shell("exec perl -e '$x = \"x\" x 200_000_000'");
  call.max_memory_bytes = 100'000'000;
  const auto result = RunGit(call);
  ASSERT_THAT(result, IsOk());
  EXPECT_NE(result->exit_code, 0);
}

TEST(GitProcessTest, LimitsHoldFromTheFirstInstructionOn) {
  GitCall call = Shell("ulimit -f; ulimit -v");
  call.max_file_bytes = 512'000;
  call.max_memory_bytes = 1024'000'000;
  const auto result = RunGit(call);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->output, "1000\n1000000\n");
}

TEST(GitProcessTest, MissingProgramIsSaid) {
  GitCall call;
  call.program = "/nonexistent/git";
  EXPECT_THAT(RunGit(call), StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr("cannot be started")));
}

}  // namespace
}  // namespace orrery::registry
