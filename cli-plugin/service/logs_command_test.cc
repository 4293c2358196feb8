#include "cli-plugin/service/logs_command.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLogs[] = "GET /v1/clusters/local/services/echod:logs";
constexpr char kService[] = "GET /v1/clusters/local/services/echod";
constexpr char kLines[] =
    "data: {\"lines\":[{\"task\":\"e.0\",\"stream\":\"stdout\",\"text\":"
    "\"one\"}]}\n\n"
    "data: {\"lines\":[{\"task\":\"e.1\",\"stream\":\"stderr\",\"text\":"
    "\"two\"}]}\n\nevent: end\ndata: {}\n\n";

class LogsCommandTest : public tests::CommandTest {
 protected:
  void AnswerWith(const std::string& tasks) {
    http.Answer(kService, 200, "{\"name\":\"echod\",\"tasks\":" + tasks + "}");
    http.Answer(kLogs, 200, kLines);
  }
};

TEST_F(LogsCommandTest, LinesOfOneTaskStandAlone) {
  AnswerWith("[{}]");
  EXPECT_EQ(Run({"logs", "echod"}), 0);
  EXPECT_EQ(out, "one\ntwo\n");
  EXPECT_EQ(http.requests().back(), std::string(kLogs) + "?follow=false");
}

TEST_F(LogsCommandTest, LinesOfSeveralTasksNameTheirTask) {
  AnswerWith("[{},{}]");
  EXPECT_EQ(Run({"logs", "echod"}), 0);
  EXPECT_EQ(out, "e.0 | one\ne.1 | two\n");
}

TEST_F(LogsCommandTest, JsonIsOneDocumentOrLinesWhenFollowing) {
  AnswerWith("[{}]");
  EXPECT_EQ(Run({"logs", "echod", "-o", "json"}), 0);
  EXPECT_THAT(out, HasSubstr("{\n  \"lines\": [\n    {\n      \"task\": "));
  EXPECT_EQ(Run({"logs", "echod", "-f", "-o", "json"}), 0);
  EXPECT_THAT(out, HasSubstr("\"text\":\"one\"}\n{\"task\":\"e.1\""));
}

TEST_F(LogsCommandTest, FlagsBecomeTheQueryAndFollowingHasNoEnd) {
  AnswerWith("[{}]");
  EXPECT_EQ(Run({"logs", "-f", "echod", "--tail", "5", "--task", "e.0",
                 "--stream", "stderr"}),
            0);
  EXPECT_EQ(http.requests().back(),
            std::string(kLogs) + "?follow=true&tail=5&task=e.0&stream=stderr");
  EXPECT_EQ(http.Last(kLogs).timeout, absl::InfiniteDuration());
}

TEST_F(LogsCommandTest, WrongFlagsSendNothing) {
  EXPECT_EQ(Run({"logs", "echod", "--tail", "0"}), 64);
  EXPECT_EQ(Run({"logs", "echod", "--stream", "stdin"}), 64);
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(LogsCommandTest, UnknownServiceIsNotFound) {
  http.Answer(kService, 404, R"({"detail":"no service echod"})");
  EXPECT_EQ(Run({"logs", "echod"}), 3);
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(LogsCommandTest, ServersErrorInTheStreamIsTheCommands) {
  http.Answer(kService, 200, R"({"tasks":[]})");
  http.Answer(kLogs, 200,
              "event: error\ndata: {\"code\":\"NOT_FOUND\",\"detail\":\"gone\"}"
              "\n\n");
  EXPECT_EQ(Run({"logs", "echod"}), 3);
  EXPECT_EQ(err, "orrery: gone\n");
}

TEST_F(LogsCommandTest, InterruptWhileFollowingEndsWith130) {
  http.Answer(kService, 200, R"({"tasks":[]})");
  http.Fail(kLogs, absl::CancelledError("interrupted"));
  EXPECT_EQ(Run({"logs", "echod", "-f"}), 130);
}

}  // namespace
}  // namespace orrery::cli
