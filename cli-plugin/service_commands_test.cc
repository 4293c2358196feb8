#include "cli-plugin/service_commands.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kService[] =
    R"({"name":"echod","package":"echod","release":3,"version":"1.2",
        "cluster":"local","state":"deploying","instances":1,
        "endpoints":[{"name":"http","host":"127.0.0.1","port":8080}],
        "waiting_for":["a health check of echod.0"],
        "tasks":[{"id":"echod.0","state":"running","health":"unknown",
          "pid":4711,"ports":[8080],"sandbox":"/d","reason":null}]})";
constexpr char kServicePath[] = "GET /v1/clusters/local/services/echod";
constexpr char kDelete[] = "DELETE /v1/clusters/local/services/echod";
constexpr char kWatch[] = "GET /v1/operations/op-1:watch";
constexpr char kRunning[] =
    R"({"operation":{"name":"op-1","kind":"uninstall","state":"running",
        "service":"echod","cluster":"local",
        "waiting_for":["task echod.0 to end"]}})";
constexpr char kEnd[] =
    "data: {\"name\":\"op-1\",\"kind\":\"uninstall\",\"state\":\"succeeded\","
    "\"service\":\"echod\",\"receipt\":{\"removed\":[{\"kind\":\"task\","
    "\"path\":\"echod.0\"}],\"kept\":[{\"kind\":\"logs\",\"path\":\"/d/logs\","
    "\"remove_command\":\"rm -r /d/logs\"}]}}\n\nevent: end\ndata: {}\n\n";

class ServiceCommandsTest : public tests::CommandTest {};

TEST_F(ServiceCommandsTest, ListShowsOneLineAService) {
  http.Answer("GET /v1/clusters/-/services", 200,
              std::string("{\"services\":[") + kService + "]}");
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_EQ(out,
            "NAME   PACKAGE  VERSION  CLUSTER  STATE      INSTANCES  "
            "ENDPOINTS\n"
            "echod  echod    1.2      local    deploying  1          "
            "http=127.0.0.1:8080\n");
}

TEST_F(ServiceCommandsTest, EmptyListIsAnEmptyListInJson) {
  http.Answer("GET /v1/clusters/-/services", 200, R"({"services":[]})");
  EXPECT_EQ(Run({"list", "-o", "json"}), 0);
  EXPECT_EQ(out, "{\n  \"services\": []\n}\n");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(ServiceCommandsTest, StatusTellsWhatIsWaitedFor) {
  http.Answer(kServicePath, 200, kService);
  EXPECT_EQ(Run({"status", "echod"}), 0);
  EXPECT_EQ(out, R"(echod (echod 1.2, release 3) on local: deploying
waiting: a health check of echod.0
endpoint http 127.0.0.1:8080

TASK     STATE    HEALTH   PID   PORTS  REASON
echod.0  running  unknown  4711  8080
)");
}

TEST_F(ServiceCommandsTest, WideStatusTellsOfLimitsAndDisk) {
  http.Answer(kServicePath, 200,
              R"({"name":"echod","tasks":[{"id":"echod.0","disk_bytes":4096,
                  "limits_enforced":false,"sandbox":"/d"}]})");
  EXPECT_EQ(Run({"status", "echod", "-o", "wide"}), 0);
  EXPECT_THAT(out, HasSubstr("not enforced  4096  /d"));
}

TEST_F(ServiceCommandsTest, StatusJsonIsTheServersObject) {
  http.Answer(kServicePath, 200, R"({"name":"echod","new_member":1.0})");
  EXPECT_EQ(Run({"status", "echod", "-o", "json"}), 0);
  EXPECT_EQ(out, "{\n  \"name\": \"echod\",\n  \"new_member\": 1.0\n}\n");
}

TEST_F(ServiceCommandsTest, NameWithASlashIsOneSegment) {
  http.Answer("GET /v1/clusters/c1/services/kafka%2Feu", 200, kService);
  EXPECT_EQ(Run({"status", "kafka/eu", "--cluster", "c1"}), 0);
}

TEST_F(ServiceCommandsTest, UninstallPrintsTheReceiptAsJson) {
  http.Answer(kServicePath, 200, kService);
  http.Answer(kDelete, 200, kRunning);
  http.Answer(kWatch, 200, kEnd);
  EXPECT_EQ(Run({"uninstall", "echod", "--yes", "-o", "json"}), 0);
  EXPECT_EQ(out, R"({
  "removed": [
    {
      "kind": "task",
      "path": "echod.0"
    }
  ],
  "kept": [
    {
      "kind": "logs",
      "path": "/d/logs",
      "remove_command": "rm -r /d/logs"
    }
  ]
}
)");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(ServiceCommandsTest, UninstallTellsProgressOnceAndHowToRemoveTheRest) {
  http.Answer(kServicePath, 200, kService);
  http.Answer(kDelete, 200, kRunning);
  http.Answer(kWatch, 200, kEnd);
  EXPECT_EQ(Run({"uninstall", "echod", "-y"}), 0);
  EXPECT_EQ(out,
            "removed task echod.0\n"
            "kept logs /d/logs; remove it with rm -r /d/logs\n");
  EXPECT_EQ(err,
            "uninstalling echod: task echod.0 to end\n"
            "uninstalling echod\n");
}

TEST_F(ServiceCommandsTest, UninstallWithoutAnyoneToAskChangesNothing) {
  http.Answer(kServicePath, 200, kService);
  EXPECT_EQ(Run({"uninstall", "echod"}), 64);
  EXPECT_EQ(http.writes(), 0);
  EXPECT_THAT(err, HasSubstr("say --yes"));
}

TEST_F(ServiceCommandsTest, UninstallAsksAndTakesNoForAnAnswer) {
  http.Answer(kServicePath, 200, kService);
  in_is_terminal = true;
  input = "n\n";
  EXPECT_EQ(Run({"uninstall", "echod"}), 1);
  EXPECT_EQ(http.writes(), 0);
  EXPECT_THAT(err, HasSubstr("Uninstall echod (echod 1.2, deploying) from "
                             "local? [y/N] "));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(ServiceCommandsTest, NoInputNeverAsks) {
  http.Answer(kServicePath, 200, kService);
  in_is_terminal = true;
  input = "y\n";
  EXPECT_EQ(Run({"uninstall", "echod", "--no-input"}), 64);
  EXPECT_EQ(http.writes(), 0);
}

TEST_F(ServiceCommandsTest, UninstallOfWhatIsNotThereIsNotFound) {
  http.Answer("GET /v1/clusters/local/services/kaf", 404,
              R"({"detail":"no service kaf on local","code":"NOT_FOUND",
                  "metadata":{"did_you_mean":"kafka"}})");
  EXPECT_EQ(Run({"uninstall", "kaf", "--yes"}), 3);
  EXPECT_EQ(http.writes(), 0);
  EXPECT_THAT(err, HasSubstr("did you mean kafka?\n"));
}

TEST_F(ServiceCommandsTest, FailedUninstallFailsWithItsReason) {
  http.Answer(kServicePath, 200, kService);
  http.Answer(kDelete, 200, kRunning);
  http.Answer(kWatch, 200,
              "data: {\"name\":\"op-1\",\"kind\":\"uninstall\",\"state\":"
              "\"failed\",\"service\":\"echod\",\"error\":{\"code\":"
              "\"INTERNAL\",\"reason\":\"X\",\"message\":\"disk full\"}}\n\n");
  EXPECT_EQ(Run({"uninstall", "echod", "-y"}), 1);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(err, HasSubstr("uninstalling echod failed: disk full\n"));
}

}  // namespace
}  // namespace orrery::cli
