#include "registry/git/git_failure.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GitFailure Failure(const std::string& errors) {
  GitFailure failure;
  failure.doing = "fetching";
  failure.url = "https://git.example/u.git";
  failure.host = "git.example";
  failure.errors = errors;
  failure.duration = absl::Milliseconds(1250);
  return failure;
}

TEST(GitFailureTest, MessageNamesHostPhaseSecondsAndReason) {
  EXPECT_THAT(
      GitFailureStatus(Failure("fatal: unable to access "
                               "'https://git.example/u.git/': Could not "
                               "resolve host: git.example\n")),
      StatusIs(absl::StatusCode::kUnavailable,
               "fetching https://git.example/u.git failed at git.example while "
               "resolving the host name, after 1.2 s: unable to access "
               "'https://git.example/u.git/': Could not resolve host: "
               "git.example"));
}

// What git 2.39 and OpenSSH 9.2 say.
TEST(GitFailureTest, ReasonIsTakenFromWhatGitSays) {
  const struct {
    const char* errors;
    const char* reason;
    absl::StatusCode code;
  } cases[] = {
      {"fatal: unable to access 'http://h:1/x/': Failed to connect to h port "
       "1 after 0 ms: Couldn't connect to server",
       "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable},
      {"fatal: repository 'http://h/x/' not found", "NO_REPOSITORY",
       absl::StatusCode::kFailedPrecondition},
      {"fatal: http://h/x/info/refs not valid: is this a git repository?",
       "NO_REPOSITORY", absl::StatusCode::kFailedPrecondition},
      {"fatal: could not read Username for 'http://h': terminal prompts "
       "disabled",
       "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
      {"fatal: unable to access 'http://h/': The requested URL returned "
       "error: 403",
       "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
      {"fatal: unable to access 'http://h/': The requested URL returned "
       "error: 429",
       "RETRY_LATER", absl::StatusCode::kUnavailable},
      {"No ED25519 host key is known for [h]:2222 and you have requested "
       "strict checking.\r\nHost key verification failed.\r\nfatal: Could not "
       "read from remote repository.",
       "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
      {"git@h: Permission denied (publickey).\nfatal: Could not read from "
       "remote repository.",
       "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
      {"fatal: unable to access 'https://h/': server certificate "
       "verification failed.",
       "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
      {"error: inflate: data stream error\nfatal: loose object 12 (stored in "
       "x) is corrupt",
       "CLONE_DAMAGED", absl::StatusCode::kUnavailable},
      {"fatal: write error: No space left on device", "DISK_FULL",
       absl::StatusCode::kResourceExhausted},
      {"error: index-pack died of signal 25", "FETCH_FAILED",
       absl::StatusCode::kResourceExhausted},
      {"something new", "FETCH_FAILED", absl::StatusCode::kUnavailable},
  };
  for (const auto& expected : cases) {
    const absl::Status status = GitFailureStatus(Failure(expected.errors));
    EXPECT_EQ(ReasonOf(status).reason, expected.reason) << expected.errors;
    EXPECT_EQ(status.code(), expected.code) << expected.errors;
  }
}

TEST(GitFailureTest, SecretsAreNotShown) {
  GitFailure failure = Failure("fatal: bad header Bearer s3cret");
  failure.secrets = {"s3cret"};
  EXPECT_THAT(std::string(GitFailureStatus(failure).message()),
              AllOf(Not(HasSubstr("s3cret")), HasSubstr("Bearer ***")));
}

TEST(GitFailureTest, ProgressIsLeftOut) {
  EXPECT_THAT(
      std::string(GitFailureStatus(Failure("Receiving objects:  10%\rReceiving "
                                           "objects:  20%\rfatal: early EOF"))
                      .message()),
      AllOf(Not(HasSubstr("Receiving")), HasSubstr(": early EOF")));
}

}  // namespace
}  // namespace orrery::registry
