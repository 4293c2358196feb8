#include "cli-plugin/service/upgrade_command.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUpgrade[] = "POST /v1/clusters/local/services/kafka:upgrade";
constexpr char kService[] = "GET /v1/clusters/local/services/kafka";
constexpr char kPlan[] =
    R"({"plan":{"id":"0123456789abcdef","steps":[
        {"action":"update","cluster":"local","service":"zk","package":"zk",
         "release":2,"version":"3.5","source":"u","instances":3,
         "from":{"release":1,"version":"3.4","label_goes_down":false},
         "reason":"kafka 2.1 needs zk 3.5"},
        {"action":"update","cluster":"local","service":"kafka",
         "package":"kafka","release":9,"version":"2.1","source":"u",
         "instances":1,
         "from":{"release":8,"version":"2.0","label_goes_down":false}}],
        "warnings":[],"held":[{"node":"kafka","version":"2.1","newest":"2.2",
          "reason":"other 1 needs kafka 2.1"}]}})";
constexpr char kStarted[] =
    R"({"plan":{"id":"0123456789abcdef","steps":[{}]},"operations":[
        {"name":"op-1","kind":"upgrade","state":"running","service":"zk"},
        {"name":"op-2","kind":"upgrade","state":"running","service":"kafka"}]})";

class UpgradeCommandTest : public tests::CommandTest {
 protected:
  UpgradeCommandTest() {
    http.Answer(kService, 200,
                R"({"name":"kafka","package":"kafka","version":"2.1",
                    "release":9,"cluster":"local","state":"running"})");
    for (const char* operation : {"op-1", "op-2"}) {
      http.Answer(std::string("GET /v1/operations/") + operation + ":watch",
                  200,
                  std::string("data: {\"name\":\"") + operation +
                      "\",\"kind\":\"upgrade\",\"state\":\"succeeded\","
                      "\"service\":\"x\"}\n\n");
    }
  }
};

TEST_F(UpgradeCommandTest, ShowsWhatMovesAndWhyAndWaitsForAll) {
  http.Answer(kUpgrade, 200, kPlan);
  http.Answer(kUpgrade, 200, kStarted);
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes"}), 0);
  EXPECT_THAT(err, HasSubstr(R"(plan 0123456789ab:
update zk on local: zk 3.4 (release 1) -> 3.5 (release 2) from source u, 3 instances
  because kafka 2.1 needs zk 3.5
update kafka on local: kafka 2.0 (release 8) -> 2.1 (release 9) from source u, 1 instance
held back: kafka 2.1 (newest 2.2): other 1 needs kafka 2.1
)"));
  EXPECT_THAT(http.requests(), Contains("GET /v1/operations/op-1:watch"));
  EXPECT_THAT(http.requests(), Contains("GET /v1/operations/op-2:watch"));
  EXPECT_EQ(http.BodyOf(kUpgrade),
            R"({"range":"","options":{},"allow_unknown_options":false,)"
            R"("plan_id":"0123456789abcdef"})");
  EXPECT_EQ(out, "kafka (kafka 2.1, release 9) on local: running\n");
}

TEST_F(UpgradeCommandTest, DryRunOnlyPlans) {
  http.Answer(kUpgrade, 200, kPlan);
  EXPECT_EQ(Run({"upgrade", "kafka@^2", "--hold", "zk", "--pre=kafka",
                 "--unset", "a.b", "--dry-run"}),
            0);
  EXPECT_THAT(out, HasSubstr("kafka 2.0 (release 8) -> 2.1 (release 9)"));
  EXPECT_EQ(http.BodyOf(kUpgrade),
            R"({"range":"^2","options":{"a":{"b":null}},)"
            R"("allow_unknown_options":false,"resolution":{"hold":["zk"],)"
            R"("prereleases_of":["kafka"]},"validate_only":true})");
}

TEST_F(UpgradeCommandTest, YesAloneDoesNotPassALabelThatGoesDown) {
  const std::string down =
      R"({"plan":{"id":"0123456789abcdef","steps":[{"action":"update",
          "cluster":"local","service":"kafka","package":"kafka","release":9,
          "version":"2.4.1","source":"u","instances":1,
          "from":{"release":8,"version":"2.10.0","label_goes_down":true}}]}})";
  http.Answer(kUpgrade, 200, down);
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes"}), 64);
  EXPECT_THAT(err, HasSubstr("\n  label goes down: 2.10.0 -> 2.4.1\n"));
  EXPECT_THAT(err, HasSubstr("--allow-label-downgrade"));
  http.Answer(kUpgrade, 200, down);
  http.Answer(kUpgrade, 200, kStarted);
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes", "--allow-label-downgrade"}), 0);
}

TEST_F(UpgradeCommandTest, YesAloneDoesNotPassAShortageOfMemory) {
  const std::string large =
      R"({"plan":{"id":"0123456789abcdef","steps":[{"action":"update",
          "cluster":"local","service":"kafka","package":"kafka","release":9,
          "version":"2.1","source":"u","instances":1}],
          "room":{"needed":{"cpus":0.5,"mem_mib":1e+06},
                  "free":{"cpus":0.5,"mem_mib":512.5}}}})";
  http.Answer(kUpgrade, 200, large);
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes"}), 4);
  EXPECT_THAT(err, HasSubstr("upgrading kafka needs 1000000 MiB of memory, and "
                             "512.5 are free; nothing was started"));
  http.Answer(kUpgrade, 200, large);
  http.Answer(kUpgrade, 200, kStarted);
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes", "--allow-shortage"}), 0);
}

TEST_F(UpgradeCommandTest, WhatStaysSaysWhatHoldsIt) {
  http.Answer(kUpgrade, 200,
              R"({"plan":{"id":"0","steps":[],"held":[{"node":"kafka",
                  "version":"2.0","newest":"2.1","reason":"zk 3.4 stays"}]}})");
  EXPECT_EQ(Run({"upgrade", "kafka", "--yes"}), 0);
  EXPECT_THAT(err,
              HasSubstr("kafka stays as it is\n"
                        "held back: kafka 2.0 (newest 2.1): zk 3.4 stays"));
  EXPECT_THAT(http.requests(), Not(Contains("GET /v1/operations/op-1:watch")));
}

TEST_F(UpgradeCommandTest, PackageBesideTheServiceIsWrongUse) {
  EXPECT_EQ(Run({"upgrade", "kafka@prod@^2", "--yes"}), 64);
  EXPECT_THAT(err, HasSubstr("say prod@^2"));
  EXPECT_EQ(Run({"upgrade", "kafka@prod[tls]@^2", "--yes"}), 64);
  EXPECT_THAT(err, HasSubstr("say prod[tls]@^2"));
}

}  // namespace
}  // namespace orrery::cli
