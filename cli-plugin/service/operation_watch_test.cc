#include "cli-plugin/service/operation_watch.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kWatch[] = "GET /v1/operations/op-1:watch";

std::string Event(const std::string& state, const std::string& waiting_for) {
  return "data: {\"name\":\"op-1\",\"kind\":\"install\",\"service\":\"echod\","
         "\"state\":\"" +
         state + "\",\"waiting_for\":[" + waiting_for + "]}\n\n";
}

// Every test installs echod, planned without ado.
class OperationWatchTest : public tests::CommandTest {
 protected:
  OperationWatchTest() {
    http.Answer("GET /v1/packages/echod", 200, R"({"name":"echod"})");
    const char* const kServices = "POST /v1/clusters/local/services";
    http.Answer(kServices, 200,
                R"({"plan":{"id":"p1","steps":[{"action":"apply"}]},
                    "operation":null})");
    http.Answer(kServices, 200,
                R"({"plan":{"id":"p1","steps":[{"action":"apply"}]},
                    "operations":[{"name":"op-1","kind":"install",
                      "service":"echod","state":"running","waiting_for":[]}]})");
    http.Answer("GET /v1/clusters/local/services/echod", 200,
                R"({"name":"echod","state":"running"})");
  }

  int Install(const std::string& flag = "--yes",
              const std::string& timeout = "10m") {
    return Run({"install", "echod", "--yes", flag, "--timeout", timeout});
  }
};

TEST_F(OperationWatchTest, EndsWithTheOperation) {
  http.Answer(kWatch, 200,
              Event("running", "\"a health check\"") + Event("succeeded", ""));
  EXPECT_EQ(Install(), 0);
  EXPECT_THAT(err, HasSubstr("installing echod: a health check\n"));
}

TEST_F(OperationWatchTest, BrokenStreamIsTakenUpAgain) {
  http.Answer(kWatch, 200, Event("running", ""));
  http.Fail(kWatch, absl::UnavailableError("connection refused"));
  http.Answer(kWatch, 200,
              "event: error\ndata: {\"code\":\"UNAVAILABLE\",\"detail\":\"the "
              "server is shutting down\"}\n\n");
  http.Answer(kWatch, 200, Event("succeeded", ""));
  EXPECT_EQ(Install(), 0);
}

TEST_F(OperationWatchTest, StreamThatWasQuietForLongIsTakenUpAgain) {
  http.Answer(kWatch, 200, Event("running", ""));
  http.Answer(kWatch, 200, Event("running", ""));
  http.Answer(kWatch, 200, Event("succeeded", ""));
  http.before_answer = [this] { clock.now += absl::Seconds(40); };
  EXPECT_EQ(Install(), 0);
}

TEST_F(OperationWatchTest, ServerThatStaysAwayIsLost) {
  http.Fail(kWatch, absl::UnavailableError("connection refused"));
  EXPECT_EQ(Install(), 1);
  EXPECT_THAT(err, HasSubstr("lost the server while installing echod"));
  EXPECT_LT(clock.now - absl::FromUnixSeconds(1767225600), absl::Minutes(1));
}

TEST_F(OperationWatchTest, TimeOutSaysWhatItWaitsForAndThatTheServerGoesOn) {
  http.Answer(kWatch, 200, Event("running", "\"port 8080\""));
  EXPECT_EQ(Install("-q", "2s"), 7);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_EQ(err,
            "orrery: timed out after 2s, waiting: port 8080; the server "
            "goes on installing echod (operation op-1); see `orrery status "
            "echod`\n");
}

TEST_F(OperationWatchTest, InterruptSaysThatTheServerGoesOn) {
  http.Fail(kWatch, absl::CancelledError("interrupted"));
  EXPECT_EQ(Install(), 130);
  EXPECT_THAT(err, HasSubstr("interrupted; the server goes on installing "
                             "echod (operation op-1)"));
}

TEST_F(OperationWatchTest, InterruptBetweenTwoStreamsCountsToo) {
  http.Answer(kWatch, 200, Event("running", ""));
  clock.interrupted = true;
  EXPECT_EQ(Install(), 130);
}

TEST_F(OperationWatchTest, UnknownOperationIsNotAskedForAgain) {
  http.Answer(kWatch, 404, R"({"detail":"no operation op-1"})");
  EXPECT_EQ(Install(), 3);
}

TEST_F(OperationWatchTest, FailureKeepsItsExitCode) {
  http.Answer(kWatch, 200,
              "data: {\"name\":\"op-1\",\"kind\":\"install\",\"service\":"
              "\"echod\",\"state\":\"failed\",\"error\":{\"code\":"
              "\"FAILED_PRECONDITION\",\"reason\":\"PORT_TAKEN\",\"message\":"
              "\"18080 is held by service e2\"}}\n\n");
  EXPECT_EQ(Install("--json"), 4);
  EXPECT_THAT(err, HasSubstr("\"reason\":\"PORT_TAKEN\""));
  EXPECT_THAT(err, HasSubstr("installing echod failed: 18080 is held by "));
}

TEST_F(OperationWatchTest, WhatDoesNotComeUpIsAFailureAndNoConflict) {
  for (const std::string reason : {"APP_FAILED", "DEPENDENCY_FAILED"}) {
    http.Answer(kWatch, 200,
                "data: {\"name\":\"op-1\",\"kind\":\"install\",\"service\":"
                "\"echod\",\"state\":\"failed\",\"error\":{\"code\":"
                "\"FAILED_PRECONDITION\",\"reason\":\"" +
                    reason + "\",\"message\":\"exit code 3\"}}\n\n");
    EXPECT_EQ(Install(), 1) << reason;
  }
}

TEST_F(OperationWatchTest, FailureSaysWhereWhatItWroteIs) {
  http.Answer(kWatch, 200,
              "data: {\"name\":\"op-1\",\"kind\":\"install\",\"service\":"
              "\"echod\",\"state\":\"failed\",\"error\":{\"code\":"
              "\"FAILED_PRECONDITION\",\"reason\":\"APP_FAILED\",\"message\":"
              "\"exit code 3\"},\"receipt\":{\"removed\":[],\"kept\":[{"
              "\"kind\":\"sandbox\",\"path\":\"/s/echod.1\","
              "\"remove_command\":\"rm -r /s/echod.1\"}]}}\n\n");
  EXPECT_EQ(Install(), 1);
  EXPECT_THAT(err, HasSubstr("kept sandbox /s/echod.1; remove it with rm -r "
                             "/s/echod.1\n"));
  EXPECT_THAT(err, HasSubstr("installing echod failed: exit code 3"));
}

TEST_F(OperationWatchTest, OnATerminalProgressIsOneLineThatGoesAway) {
  err_is_terminal = true;
  http.Answer(kWatch, 200, Event("running", "\"a\"") + Event("succeeded", ""));
  EXPECT_EQ(Install("--no-color"), 0);
  EXPECT_THAT(err, HasSubstr("\r\x1b[Kinstalling echod: a"));
  EXPECT_EQ(err.substr(err.size() - 4), "\r\x1b[K");
}

TEST_F(OperationWatchTest, QuietAndJsonShowNoProgress) {
  http.Answer(kWatch, 200, Event("running", "\"a\"") + Event("succeeded", ""));
  EXPECT_EQ(Install("-q"), 0);
  EXPECT_THAT(err, IsEmpty());
}

}  // namespace
}  // namespace orrery::cli
