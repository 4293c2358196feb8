#include "registry/git/git_failure.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "registry/status/refusal_details.h"
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

// trust.md §15.4.
TEST(GitFailureTest, WhatSourcesMustNotDoIsRefusedByItsCode) {
  const struct {
    const char* errors;
    const char* code;
  } cases[] = {
      {"fatal: unable to access 'http://h/x/': The requested URL returned "
       "error: 302",
       "git.url"},
      {"fatal: unable to update url base from redirection:\n  asked for: "
       "http://h/x\n   redirect: http://169.254.169.254/x",
       "git.url"},
      {"fatal: mismatched algorithms: client sha1; server sha256",
       "git.object"},
      {"fatal: SHA-1 appears to be part of a collision attack: 12\nfatal: "
       "fetch-pack: invalid index-pack output",
       "git.object"},
      {"fatal: SHA1 COLLISION FOUND WITH 12 !\nfatal: fetch-pack: invalid "
       "index-pack output",
       "git.object"},
      {"fatal: unable to access 'http://h/x/': The requested URL returned "
       "error: 404",
       ""},
  };
  for (const auto& expected : cases) {
    EXPECT_EQ(RefusedBy(GitFailureStatus(Failure(expected.errors))),
              expected.code)
        << expected.errors;
  }
}

// Names and what the remote says must not pass for git's own words.
TEST(GitFailureTest, NamesAndRemotesDecideNothing) {
  const struct {
    const char* url;
    const char* host;
    const char* errors;
    const char* reason;
  } cases[] = {
      {"http://h.example/OpenSSL/x.git", "h.example",
       "fatal: unable to access 'http://h.example/OpenSSL/x.git/': The "
       "requested URL returned error: 503",
       "RETRY_LATER"},
      {"https://SSL.example/x.git", "SSL.example",
       "fatal: unable to access 'https://SSL.example/x.git/': Failed to "
       "connect to SSL.example port 443 after 0 ms: Couldn't connect to server",
       "REMOTE_UNREACHABLE"},
      {"https://h.example/is%20corrupt/certificate", "h.example",
       "fatal: repository 'https://h.example/is%20corrupt/certificate/' not "
       "found",
       "NO_REPOSITORY"},
      {"ssh://h.example/srv/bad object/x", "h.example",
       "fatal: '/srv/bad object/x' does not appear to be a git repository\n"
       "fatal: Could not read from remote repository.",
       "NO_REPOSITORY"},
      {"https://h.example/x", "h.example",
       "From https://h.example/SSL\n ! [new branch] SSL -> SSL (no)\nerror: "
       "something new about 'No space left on device'",
       "FETCH_FAILED"},
      {"https://h.example/x", "h.example",
       "remote: fatal: unable to read 12\nremote: No space left on "
       "device\nremote: bad object\rremote: certificate\nfatal: early EOF",
       "REMOTE_UNREACHABLE"},
      {"https://h.example/x", "h.example",
       "remote: saw error: 401\nfatal: unable to access "
       "'https://h.example/x/': The requested URL returned error: 503",
       "RETRY_LATER"},
      {"ssh://h.example/x", "h.example",
       "fatal: remote error: this object is corrupt", "FETCH_FAILED"},
      {"http://git/x", "git", "fatal: not a git repository: '/data/clones/1'",
       "CLONE_DAMAGED"},
  };
  for (const auto& expected : cases) {
    GitFailure failure = Failure(expected.errors);
    failure.url = expected.url;
    failure.host = expected.host;
    EXPECT_EQ(ReasonOf(GitFailureStatus(failure)).reason, expected.reason)
        << expected.errors;
  }
}

// What git 2.39 says when a remote lacks an object of its own.
TEST(GitFailureTest, DamageOfTheRemoteIsItsOwn) {
  for (const char* errors :
       {"remote: fatal: unable to read 8c2f\nremote: aborting due to possible "
        "repository corruption on the remote side.\nfatal: protocol error: bad "
        "pack header",
        "fatal: git upload-pack: aborting due to possible repository "
        "corruption on the remote side.\nfatal: early EOF",
        "fatal: pack has bad object at offset 12: inflate returned -3\nfatal: "
        "fetch-pack: invalid index-pack output"}) {
    EXPECT_EQ(ReasonOf(GitFailureStatus(Failure(errors))).reason,
              "REMOTE_DAMAGED")
        << errors;
  }
}

TEST(GitFailureTest, PhaseSaysWhatWasGoingOn) {
  const std::pair<const char*, const char*> cases[] = {
      {"error: object 4b: hasDotdot: contains '..'\nfatal: fsck error in "
       "packed object\nfatal: fetch-pack: invalid index-pack output",
       "while checking objects, after 1.2 s: "},
      {"fatal: unable to access 'http://h/': The requested URL returned error: "
       "500",
       "while asking the server, after 1.2 s: "},
      {"error: index-pack died of signal 25",
       "while receiving more than one fetch may bring, after 1.2 s: at most "
       "4096 bytes; "},
      {"fatal: dumb http transport does not support shallow capabilities",
       "while asking for a pack, after 1.2 s: the server only hands out files"},
  };
  for (const auto& [errors, phase] : cases) {
    GitFailure failure = Failure(errors);
    failure.max_bytes = 4096;
    EXPECT_THAT(std::string(GitFailureStatus(failure).message()),
                HasSubstr(phase));
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
