#include "cli-plugin/service/service_commands.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

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

TEST_F(ServiceCommandsTest, StatusWithoutANameTellsOfAll) {
  http.Answer("GET /v1/clusters/-/services", 200,
              R"({"services":[{"name":"zk","state":"running"},
                  {"name":"kafka","state":"deploying",
                   "waiting_for":["zk, which it needs"]}]})");
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_EQ(out,
            "zk ( , release ) on : running\n\n"
            "kafka ( , release ) on : deploying\n"
            "waiting: zk, which it needs\n");
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

}  // namespace
}  // namespace orrery::cli
