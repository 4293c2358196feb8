#include "cli-plugin/service/resolve_command.h"

#include <fstream>
#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;

class ResolveCommandTest : public tests::CommandTest {};

constexpr char kSolved[] = R"({"schema":1,"status":"solved","optimal":true,
  "cluster":null,"removed":0,"changed":0,"added":2,"items":[
   {"node":"zk","package":"zk","instance":"zk","action":"add","source":"u",
    "release":6,"revision":1,"version":"3.4","from":null,"features":[],
    "why":["kafka"],"bindings":[],"notes":[]},
   {"node":"kafka","package":"kafka","instance":"kafka","action":"add",
    "source":"u","release":12,"revision":1,"version":"2.4","from":null,
    "features":[],"why":["request:0"],"bindings":[{"option":"/uri",
    "provider":"zk","output":"connect","known":"planning",
    "overridden":false}],"notes":[]}],
  "order":[["zk"],["kafka"]],"catalog":{},"held":[{"node":"zk","version":"3.4",
   "newest":"3.5","reason":"kafka 2.4 needs zk 3.4"}],"notes":[],
  "unchecked":[],"stats":{}})";

TEST_F(ResolveCommandTest, SolvedAnswerIsATableWithBindingsAndWhatIsHeldBack) {
  http.Answer("POST /v1/resolve", 200, kSolved);
  EXPECT_EQ(Run({"resolve", "kafka", "--no-cluster"}), 0);
  EXPECT_EQ(out,
            "NODE   ACTION  VERSION  RELEASE  WHY\n"
            "zk     add     3.4      6        kafka\n"
            "kafka  add     2.4      12       request:0\n"
            "\n"
            "kafka: /uri = connect of zk\n"
            "held back: zk 3.4 (newest 3.5): kafka 2.4 needs zk 3.4\n");
}

TEST_F(ResolveCommandTest, FlagsBecomeTheRequest) {
  http.Answer("POST /v1/resolve", 200, kSolved);
  EXPECT_EQ(Run({"resolve", "kafka@prod@>=2", "--exclude", "a", "--pre",
                 "--pre=pony", "--hold", "zk", "--bind", "kafka:zk=zk-1",
                 "--allow-downgrade", "-o", "json"}),
            0);
  EXPECT_EQ(http.BodyOf("POST /v1/resolve"),
            R"({"items":["kafka@prod@>=2"],"cluster":"local","exclude":["a"],)"
            R"("hold":["zk"],"bindings":["kafka:zk=zk-1"],)"
            R"("allow_downgrade":true,"allow_prereleases":true,)"
            R"("prereleases_of":["pony"],"installed":true})");
}

TEST_F(ResolveCommandTest, OptionsBelongToTheServiceThatTheItemMeans) {
  const std::string file = ::testing::TempDir() + "/resolve_options.json";
  std::ofstream(file) << R"({"a":1})";
  const auto options_of = [&](const std::string& item) {
    http.Answer("POST /v1/resolve", 200, kSolved);
    EXPECT_EQ(Run({"resolve", item, "--options", file, "-o", "json"}), 0);
    return http.BodyOf("POST /v1/resolve");
  };
  EXPECT_THAT(options_of("kafka@v2"), HasSubstr(R"({"kafka":{"a":1}})"));
  EXPECT_THAT(options_of("kafka@release-notes"),
              HasSubstr(R"({"kafka@release-notes":{"a":1}})"));
  EXPECT_THAT(options_of("kafka@prod@release>=2"),
              HasSubstr(R"({"kafka@prod":{"a":1}})"));
}

constexpr char kRefused[] = R"({"schema":1,"status":"unsatisfiable",
  "cluster":"local","verb":"install","facts":[],"fixes":[],"reduced":true,
  "text":"cannot install kafka on cluster local: this stands in the way",
  "unknown":{},"stats":{}})";

TEST_F(ResolveCommandTest, RefusalIsExitFourWithItsText) {
  http.Answer("POST /v1/resolve", 200, kRefused);
  EXPECT_EQ(Run({"resolve", "kafka"}), 4);
  EXPECT_EQ(out, "");
  EXPECT_THAT(err, HasSubstr("cannot install kafka on cluster local: this "
                             "stands in the way"));
}

TEST_F(ResolveCommandTest, RefusalAsJsonGoesToStandardOutput) {
  http.Answer("POST /v1/resolve", 200, kRefused);
  EXPECT_EQ(Run({"resolve", "kafka", "-o", "json"}), 4);
  EXPECT_THAT(out, HasSubstr("\"unsatisfiable\""));
}

TEST_F(ResolveCommandTest, LockThatDoesNotHoldIsAnAnswerToScripts) {
  const std::string file = ::testing::TempDir() + "/refused.lock";
  std::ofstream(file) << "{}";
  http.Answer("POST /v1/resolve", 409,
              R"({"status":409,"reason":"LOCK_REFUSED","detail":"no more"})");
  EXPECT_EQ(Run({"resolve", "kafka", "--lock", file, "--locked", "-o", "json"}),
            4);
  EXPECT_THAT(out, HasSubstr("\"LOCK_REFUSED\""));
  EXPECT_THAT(out, HasSubstr(file + ": no more"));
  EXPECT_EQ(err, "");
  EXPECT_EQ(Run({"resolve", "kafka", "--lock", file, "--locked"}), 4);
  EXPECT_THAT(err, HasSubstr(file + ": no more"));
}

TEST_F(ResolveCommandTest, UnknownPackageIsExitThreeWithTheNearest) {
  http.Answer("POST /v1/resolve", 200,
              R"({"status":"unsatisfiable","text":"cannot","unknown":
                  {"kafak":["kafka"]}})");
  EXPECT_EQ(Run({"resolve", "kafak"}), 3);
  EXPECT_THAT(err, HasSubstr("did you mean kafka instead of kafak?"));
}

TEST_F(ResolveCommandTest, GivingUpIsExitOne) {
  http.Answer("POST /v1/resolve", 200, R"({"status":"gave_up"})");
  EXPECT_EQ(Run({"resolve", "kafka"}), 1);
}

TEST_F(ResolveCommandTest, NoClusterGoesWithoutOne) {
  EXPECT_EQ(Run({"resolve", "kafka", "--no-cluster", "--installed"}), 64);
}

TEST_F(ResolveCommandTest, WhyPrintsChainsWithTheRequirementOfEachStep) {
  http.Answer("POST /v1/why", 200,
              R"({"schema":1,"node":"zk","version":"3.4","chains":[[
        {"node":"kafka","version":"2.4","requirement":"installed"},
        {"node":"zk","version":"3.4","requirement":"zk >=3"}]]})");
  EXPECT_EQ(Run({"why", "zk"}), 0);
  EXPECT_EQ(out, "kafka 2.4  (installed)\n  zk 3.4  (zk >=3)\n");
}

TEST_F(ResolveCommandTest, OutdatedIsATableOfServices) {
  http.Answer("GET /v1/clusters/local/outdated", 200,
              R"({"schema":1,"cluster":"local","services":[{"node":"zk",
        "version":"3.4","release":6,"reachable":{"release":7,"version":"3.5"},
        "newest":{"release":8,"version":"3.6"},"held":"kafka needs zk <3.6"}]})");
  EXPECT_EQ(Run({"outdated"}), 0);
  EXPECT_EQ(out,
            "SERVICE  RUNS  REACHABLE  NEWEST  HELD BACK BY\n"
            "zk       3.4   3.5        3.6     kafka needs zk <3.6\n");
}

TEST_F(ResolveCommandTest, OutdatedNamesTheSourceThatIsNotFollowed) {
  http.Answer("GET /v1/clusters/local/outdated", 200,
              R"({"schema":1,"cluster":"local","services":[{"node":"zk",
        "version":"3.4","release":6,
        "reachable":{"release":6,"version":"3.4","source":"universe"},
        "newest":{"release":0,"version":"1.1","source":"corp"},
        "held":"another source"}]})");
  EXPECT_EQ(Run({"outdated"}), 0);
  EXPECT_EQ(out,
            "SERVICE  RUNS  REACHABLE  NEWEST              HELD BACK BY\n"
            "zk       3.4   3.4        1.1 of source corp  another source\n");
}

}  // namespace
}  // namespace orrery::cli
