#include "cli-plugin/service/install_command.h"

#include <algorithm>
#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kServices[] = "POST /v1/clusters/local/services";
constexpr char kPlan[] =
    R"({"plan":{"id":"0123456789abcdef","steps":[{"action":"apply",
        "cluster":"local","service":"echod","package":"echod","release":3,
        "version":"1.2","source":"u","options":{},"manifest":{},"instances":1,
        "undeclared_options":[{"pointer":"/x","type":"string",
          "value":"1.10"}]}],"warnings":["it will run as root"]},
        "operation":null})";
constexpr char kStarted[] =
    R"({"plan":{"id":"0123456789abcdef","steps":[{}]},
        "operations":[{"name":"op-1","kind":"install","state":"running",
          "service":"echod","waiting_for":[]}]})";
constexpr char kEnd[] =
    "data: {\"name\":\"op-1\",\"kind\":\"install\",\"state\":\"succeeded\","
    "\"service\":\"echod\"}\n\n";

class InstallCommandTest : public tests::CommandTest {
 protected:
  InstallCommandTest() {
    http.Answer("GET /v1/packages/echod", 200,
                R"({"name":"echod","package":{"postInstallNotes":"Have fun"},
                    "config":{"type":"object","properties":{"service":{
                      "type":"object","properties":{
                        "text":{"type":"string"},
                        "mem":{"type":"integer"}}}}}})");
    http.Answer("GET /v1/clusters/local/services/echod", 200,
                R"({"name":"echod","package":"echod","version":"1.2",
                    "release":3,"cluster":"local","state":"running"})");
    http.Answer("GET /v1/operations/op-1:watch", 200, kEnd);
  }

  void AnswerPlanThenStart() {
    http.Answer(kServices, 200, kPlan);
    http.Answer(kServices, 200, kStarted);
  }
};

TEST_F(InstallCommandTest, PlansShowsStartsThatPlanAndWaits) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod", "--yes"}), 0);
  EXPECT_THAT(
      http.requests(),
      ElementsAre("GET /v1/packages/echod", "GET /v1/sources?stalled_only=true",
                  "POST /v1/clusters/local/services",
                  "POST /v1/clusters/local/services",
                  "GET /v1/operations/op-1:watch",
                  "GET /v1/clusters/local/services/echod"));
  EXPECT_EQ(http.BodyOf(kServices),
            R"({"package":"echod","range":"","service":"echod","options":{},)"
            R"("allow_unknown_options":false,"plan_id":"0123456789abcdef"})");
  EXPECT_EQ(err, R"(warning: it will run as root
plan 0123456789ab:
apply echod on local: echod 1.2 (release 3) from source u, 1 instance
  undeclared option /x = "1.10" (string)
installing echod
Have fun
)");
  EXPECT_EQ(out, "echod (echod 1.2, release 3) on local: running\n");
}

TEST_F(InstallCommandTest, JsonIsTheServiceAlone) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod", "-y", "-o", "jsonl"}), 0);
  EXPECT_EQ(out,
            "{\"name\":\"echod\",\"package\":\"echod\",\"version\":\"1.2\","
            "\"release\":3,\"cluster\":\"local\",\"state\":\"running\"}\n");
  EXPECT_EQ(err, "{\"warning\":\"it will run as root\"}\n");
}

TEST_F(InstallCommandTest, WithoutAnyoneToAskOnlyPlans) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod"}), 64);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(http.BodyOf(kServices), HasSubstr("\"validate_only\":true"));
  EXPECT_THAT(err, HasSubstr("plan 0123456789ab:"));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(InstallCommandTest, AsksOnATerminal) {
  AnswerPlanThenStart();
  in_is_terminal = true;
  input = "y\n";
  EXPECT_EQ(Run({"install", "echod"}), 0);
  EXPECT_THAT(err, HasSubstr("Go on? [y/N] "));
  EXPECT_EQ(http.writes(), 2);
}

TEST_F(InstallCommandTest, AnyOtherAnswerIsNo) {
  AnswerPlanThenStart();
  in_is_terminal = true;
  input = "\n";
  EXPECT_EQ(Run({"install", "echod"}), 1);
  EXPECT_EQ(http.writes(), 1);
}

TEST_F(InstallCommandTest, DryRunShowsThePlanAndStops) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod", "-n"}), 0);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(out, HasSubstr("apply echod on local"));
}

TEST_F(InstallCommandTest, EmptyPlanIsAlreadyInstalled) {
  http.Answer(kServices, 200,
              R"({"plan":{"id":"e","steps":[],"warnings":[]},
                  "operation":null})");
  EXPECT_EQ(Run({"install", "echod"}), 0);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_EQ(err, "echod is already installed with these options\n");
  EXPECT_THAT(out, HasSubstr("echod (echod 1.2"));
}

TEST_F(InstallCommandTest, NoWaitReturnsAtOnce) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod", "-y", "--no-wait"}), 0);
  EXPECT_THAT(http.requests(),
              Not(testing::Contains(HasSubstr("/v1/operations"))));
  EXPECT_THAT(err, HasSubstr("operation op-1 is under way"));
}

TEST_F(InstallCommandTest, OptionsAreTypedByTheSchemaAndKeepTheirSpelling) {
  AnswerPlanThenStart();
  EXPECT_EQ(Run({"install", "echod", "-y", "--set", "service.text=1.10",
                 "--set", "/service/mem=512", "--set", "extra={\"a\":1.0}",
                 "--allow-unknown-options"}),
            0);
  EXPECT_THAT(http.BodyOf(kServices),
              HasSubstr(R"("options":{"service":{"text":"1.10","mem":512},)"
                        R"("extra":{"a":1.0}},"allow_unknown_options":true)"));
}

TEST_F(InstallCommandTest, RangeNameAndClusterGoToTheServer) {
  http.Answer("POST /v1/clusters/c1/services", 200, kPlan);
  EXPECT_EQ(Run({"install", "echod@release=3", "--name", "e2", "--cluster",
                 "c1", "-n"}),
            0);
  EXPECT_EQ(http.requests().front(),
            "GET /v1/packages/echod?range=release%3D3");
  EXPECT_THAT(http.BodyOf("POST /v1/clusters/c1/services"),
              HasSubstr(R"("range":"release=3","service":"e2")"));
}

constexpr char kNoSuchPackage[] =
    R"({"detail":"no package ecod","code":"NOT_FOUND",
        "metadata":{"did_you_mean":"echod"}})";

TEST_F(InstallCommandTest, UnknownPackageIsNotFoundWithTheNearest) {
  http.Answer("GET /v1/packages/ecod", 404, kNoSuchPackage);
  http.Answer(kServices, 404, kNoSuchPackage);
  EXPECT_EQ(Run({"install", "ecod", "--yes"}), 3);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_THAT(err, HasSubstr("did you mean echod?\n"));
}

TEST_F(InstallCommandTest, OptionsOfAnUnknownPackageAreNotGuessed) {
  http.Answer("GET /v1/packages/ecod", 404, kNoSuchPackage);
  EXPECT_EQ(Run({"install", "ecod", "--yes", "--set", "a=1"}), 3);
  EXPECT_EQ(http.writes(), 0);
}

TEST_F(InstallCommandTest, PackageThatLeftTheCatalogueMayBeInstalledAlready) {
  http.Answer("GET /v1/packages/gone", 404, R"({"detail":"no package gone"})");
  http.Answer(kServices, 200, R"({"plan":{"steps":[]},"operation":null})");
  http.Answer("GET /v1/clusters/local/services/gone", 200,
              R"({"name":"gone"})");
  EXPECT_EQ(Run({"install", "gone", "--yes"}), 0);
}

TEST_F(InstallCommandTest, EveryOptionFaultIsOnItsOwnLine) {
  http.Answer(kServices, 409,
              R"({"title":"Conflict","code":"FAILED_PRECONDITION",
                  "reason":"OPTIONS_INVALID","detail":"2 options are wrong",
                  "errors":[{"pointer":"/service/accept-terms","parameter":null,
                     "message":"/service/accept-terms: found nothing, wanted a boolean (Accept the terms); mend it with --set service.accept-terms=true"},
                    {"pointer":"/service/mem","parameter":null,
                     "message":"found 128, wanted at least 256"}]})");
  EXPECT_EQ(Run({"install", "echod", "--yes"}), 4);
  EXPECT_EQ(http.writes(), 1);
  EXPECT_EQ(err,
            "orrery: 2 options are wrong\n"
            "  /service/accept-terms: found nothing, wanted a boolean (Accept "
            "the terms); mend it with --set service.accept-terms=true\n"
            "  /service/mem: found 128, wanted at least 256\n");
}

TEST_F(InstallCommandTest, FaultsThatTheDetailTellsAreNotRepeated) {
  http.Answer(kServices, 400,
              R"({"code":"INVALID_ARGUMENT","reason":"UNKNOWN_OPTION",
                  "detail":"/txt is unknown, did you mean text?",
                  "errors":[{"pointer":"/txt",
                     "message":"/txt is unknown, did you mean text?"}]})");
  EXPECT_EQ(Run({"install", "echod", "--yes", "--set", "txt=x"}), 64);
  EXPECT_EQ(err, "orrery: /txt is unknown, did you mean text?\n");
}

TEST_F(InstallCommandTest, DifferentServiceIsAConflict) {
  http.Answer(kServices, 409,
              R"({"code":"ALREADY_EXISTS","reason":"SERVICE_EXISTS",
                  "detail":"service echod exists with version 1.0"})");
  EXPECT_EQ(Run({"install", "echod", "--yes"}), 4);
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(InstallCommandTest, WhatTheServerRefusesEndsWithTheExitOfItsCode) {
  http.Answer(kServices, 409,
              R"({"title":"Conflict","detail":"line 8 denies it","code":
                  "FAILED_PRECONDITION","reason":"NOT_TRUSTED","refused":
                  "name.denied","exit":13,"check":9,"package":"echod"})");
  EXPECT_EQ(Run({"install", "echod", "--yes", "-o", "json"}), 13);
  EXPECT_EQ(out, "");
  EXPECT_THAT(err, HasSubstr(R"({"refused":"name.denied","exit":13,"check":9,)"
                             R"("package":"echod",)"));
  EXPECT_EQ(std::count(http.requests().begin(), http.requests().end(),
                       std::string(kServices)),
            1);
}

TEST_F(InstallCommandTest, OptionsFromStandardInput) {
  AnswerPlanThenStart();
  input = R"({"service":{"mem":1}})";
  EXPECT_EQ(Run({"install", "echod", "-y", "--options", "-"}), 0);
  EXPECT_THAT(http.BodyOf(kServices),
              HasSubstr(R"("options":{"service":{"mem":1}})"));
}

TEST_F(InstallCommandTest, NothingOnStandardInputIsWrongUse) {
  EXPECT_EQ(Run({"install", "echod", "-y", "--options", "-"}), 64);
  EXPECT_THAT(err, HasSubstr("options from standard input: "));
  EXPECT_THAT(err, HasSubstr("empty"));
  EXPECT_EQ(http.writes(), 0);
}

}  // namespace
}  // namespace orrery::cli
