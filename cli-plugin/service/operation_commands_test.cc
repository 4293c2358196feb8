#include "cli-plugin/service/operation_commands.h"

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OperationCommandsTest : public tests::CommandTest {};

TEST_F(OperationCommandsTest, ListShowsThoseUnderWayAlone) {
  http.Answer("GET /v1/operations", 200,
              R"({"operations":[
                  {"name":"o1","kind":"install","service":"kafka",
                   "cluster":"local","state":"running",
                   "waiting_for":["instance 0 waits for its check"]},
                  {"name":"o2","kind":"install","service":"zk",
                   "cluster":"local","state":"succeeded"}]})");
  EXPECT_EQ(Run({"operation", "list", "--running"}), 0);
  EXPECT_THAT(out, HasSubstr("o1"));
  EXPECT_THAT(out, HasSubstr("instance 0 waits for its check"));
  EXPECT_THAT(out, Not(HasSubstr("o2")));
}

TEST_F(OperationCommandsTest, ShowTellsWhyItFailed) {
  http.Answer("GET /v1/operations/o1", 200,
              R"({"operation":{"name":"o1","kind":"install","service":"kafka",
                  "cluster":"local","state":"failed",
                  "error":{"code":"FAILED_PRECONDITION",
                           "message":"instance 0 ended 40 times"}}})");
  EXPECT_EQ(Run({"operation", "show", "o1"}), 0);
  EXPECT_EQ(out,
            "o1: failed\n"
            "kind:      install\n"
            "service:   kafka\n"
            "cluster:   local\n"
            "error:     instance 0 ended 40 times\n");
}

TEST_F(OperationCommandsTest, WatchOfOneThatFailedFails) {
  http.Answer("GET /v1/operations/o1", 200,
              R"({"operation":{"name":"o1","kind":"install","service":"kafka",
                  "state":"failed","error":{"code":"FAILED_PRECONDITION",
                  "reason":"APP_FAILED","message":"it ended"}}})");
  EXPECT_EQ(Run({"operation", "watch", "o1"}), 1);
  EXPECT_THAT(err, HasSubstr("it ended"));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(OperationCommandsTest, AbortSaysWhatIsLeft) {
  http.Answer("POST /v1/operations/o1:abort", 200,
              R"({"operation":{"name":"o1","kind":"install","service":"kafka",
                  "cluster":"local","state":"failed",
                  "error":{"code":"CANCELLED","reason":"OPERATION_ABORTED",
                           "message":"aborted; nothing of kafka is left"}}})");
  EXPECT_EQ(Run({"operation", "abort", "o1"}), 0);
  EXPECT_THAT(out, HasSubstr("error:     aborted; nothing of kafka is left\n"));
}

TEST_F(OperationCommandsTest, AbortOfOneThatHasEndedIsAConflict) {
  http.Answer("POST /v1/operations/o1:abort", 409,
              R"({"detail":"operation o1 has ended already",
                  "reason":"OPERATION_ENDED"})");
  EXPECT_EQ(Run({"operation", "abort", "o1"}), 4);
  EXPECT_THAT(err, HasSubstr("has ended already"));
}

TEST_F(OperationCommandsTest, UnknownOneIsNotFound) {
  http.Answer("GET /v1/operations/x", 404,
              R"({"detail":"no operation 'x'",
                  "reason":"OPERATION_NOT_FOUND"})");
  EXPECT_EQ(Run({"operation", "show", "x"}), 3);
}

}  // namespace
}  // namespace orrery::cli
