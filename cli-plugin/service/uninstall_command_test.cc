#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kUninstall[] =
    "POST /v1/clusters/local/services/echod:uninstall";
constexpr char kWatch[] = "GET /v1/operations/op-1:watch";
constexpr char kPlan[] =
    R"({"plan":{"id":"0123456789abcdef","steps":[{"action":"remove",
        "cluster":"local","service":"echod","package":"echod","release":3,
        "version":"1.2","kept_volumes":["data"]}],
        "warnings":["db was added for echod"]}})";
constexpr char kRunning[] =
    R"({"operations":[{"name":"op-1","kind":"uninstall","state":"running",
        "service":"echod","cluster":"local",
        "waiting_for":["task echod.0 to end"]}]})";
constexpr char kEnd[] =
    "data: {\"name\":\"op-1\",\"kind\":\"uninstall\",\"state\":\"succeeded\","
    "\"service\":\"echod\",\"receipt\":{\"removed\":[{\"kind\":\"task\","
    "\"path\":\"echod.0\"}],\"kept\":[{\"kind\":\"logs\",\"path\":\"/d/logs\","
    "\"remove_command\":\"rm -r /d/logs\"}]}}\n\nevent: end\ndata: {}\n\n";

class UninstallCommandTest : public tests::CommandTest {
 protected:
  UninstallCommandTest() {
    http.Answer(kUninstall, 200, kPlan);
    http.Answer(kUninstall, 200, kRunning);
    http.Answer(kWatch, 200, kEnd);
  }
};

TEST_F(UninstallCommandTest, PrintsTheReceiptAsJson) {
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
  EXPECT_EQ(err, "{\"warning\":\"db was added for echod\"}\n");
}

TEST_F(UninstallCommandTest, EveryOperationIsToldWhoDoesNotWait) {
  EXPECT_EQ(Run({"uninstall", "echod", "--yes", "--no-wait", "-o", "json"}), 0);
  EXPECT_THAT(out, HasSubstr("\"operations\": ["));
  EXPECT_THAT(out, HasSubstr("\"name\": \"op-1\""));
}

TEST_F(UninstallCommandTest, TellsPlanAndProgressOnceAndHowToRemoveTheRest) {
  EXPECT_EQ(Run({"uninstall", "echod", "-y", "--with-unused"}), 0);
  EXPECT_EQ(out,
            "removed task echod.0\n"
            "kept logs /d/logs; remove it with rm -r /d/logs\n");
  EXPECT_EQ(err, R"(warning: db was added for echod
plan 0123456789ab:
remove echod on local: echod 1.2 (release 3)
  keeps the data of volume data
uninstalling echod: task echod.0 to end
uninstalling echod
)");
  EXPECT_EQ(http.BodyOf(kUninstall),
            R"({"with_unused":true,"plan_id":"0123456789abcdef"})");
}

TEST_F(UninstallCommandTest, DryRunShowsThePlanAndStops) {
  EXPECT_EQ(Run({"uninstall", "echod", "-n"}), 0);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(http.BodyOf(kUninstall), HasSubstr("\"validate_only\":true"));
  EXPECT_THAT(out, HasSubstr("remove echod on local"));
}

TEST_F(UninstallCommandTest, WithoutAnyoneToAskChangesNothing) {
  EXPECT_EQ(Run({"uninstall", "echod"}), 64);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(err, HasSubstr("say --yes"));
}

TEST_F(UninstallCommandTest, AsksAndTakesNoForAnAnswer) {
  in_is_terminal = true;
  input = "n\n";
  EXPECT_EQ(Run({"uninstall", "echod"}), 1);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(err, HasSubstr("Go on? [y/N] "));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(UninstallCommandTest, NoInputNeverAsks) {
  in_is_terminal = true;
  input = "y\n";
  EXPECT_EQ(Run({"uninstall", "echod", "--no-input"}), 64);
  EXPECT_EQ(http.writes(), 1);
}

TEST_F(UninstallCommandTest, WhatIsNotThereIsNotFound) {
  http.Answer("POST /v1/clusters/local/services/kaf:uninstall", 404,
              R"({"detail":"no service kaf on local","code":"NOT_FOUND",
                  "metadata":{"did_you_mean":"kafka"}})");
  EXPECT_EQ(Run({"uninstall", "kaf", "--yes"}), 3);
  EXPECT_THAT(err, HasSubstr("did you mean kafka?\n"));
}

TEST_F(UninstallCommandTest, FailureIsToldWithItsReason) {
  http.Answer("POST /v1/clusters/local/services/other:uninstall", 200, kPlan);
  http.Answer("POST /v1/clusters/local/services/other:uninstall", 200,
              R"({"operations":[{"name":"op-2","kind":"uninstall",
                  "state":"running","service":"other"}]})");
  http.Answer("GET /v1/operations/op-2:watch", 200,
              "data: {\"name\":\"op-2\",\"kind\":\"uninstall\",\"state\":"
              "\"failed\",\"service\":\"other\",\"error\":{\"code\":"
              "\"INTERNAL\",\"reason\":\"X\",\"message\":\"disk full\"}}\n\n");
  EXPECT_EQ(Run({"uninstall", "other", "-y"}), 1);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(err, HasSubstr("uninstalling other failed: disk full\n"));
}

}  // namespace
}  // namespace orrery::cli
