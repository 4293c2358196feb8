#include "catalog/manifest/marathon_validation.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/manifest/violation.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

CheckedApp Check(const std::string& json) {
  const auto document = registry::ParseJson(json);
  EXPECT_THAT(document, IsOk()) << json;
  return CheckMarathonApp(document->root, MarathonFeatures{});
}

// An app with these members beside id and cmd.
std::string With(const std::string& members) {
  return absl::StrCat(R"({"id":"/echod","cmd":"run it",)", members, "}");
}

struct Case {
  const char* name;
  std::string json;
  // Of the violation; empty when the app is right.
  const char* path;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.json; }

class MarathonValidationTest : public ::testing::TestWithParam<Case> {};

TEST_P(MarathonValidationTest, SaysWhereARuleIsBroken) {
  const CheckedApp checked = Check(GetParam().json);
  if (GetParam().path[0] == '\0') {
    EXPECT_THAT(checked.violations, IsEmpty())
        << checked.violations[0].path << ": " << checked.violations[0].text;
  } else {
    EXPECT_THAT(checked.violations,
                Contains(Field(&Violation::path, GetParam().path)));
  }
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Ids, MarathonValidationTest,
    ::testing::Values(
        Case{"Plain", R"({"id":"echod","cmd":"run"})", ""},
        Case{"Nested", R"({"id":"/a/b.c/d-1","cmd":"run"})", ""},
        Case{"Missing", R"({"cmd":"run"})", "/id"},
        Case{"Empty", R"({"id":"","cmd":"run"})", "/id"},
        Case{"Root", R"({"id":"/","cmd":"run"})", "/id"},
        Case{"Underscore", R"({"id":"/e_chod","cmd":"run"})", "/id"},
        Case{"UpperCase", R"({"id":"/Echod","cmd":"run"})", "/id"},
        Case{"LeadingDash", R"({"id":"/-autoscaler","cmd":"run"})", "/id"},
        Case{"EmptySegment", R"({"id":"/a//b","cmd":"run"})", "/id"},
        Case{"Parent", R"({"id":"/a/..","cmd":"run"})", "/id"},
        Case{"Restart", R"({"id":"/a/restart","cmd":"run"})", "/id"},
        Case{"Tasks", R"({"id":"/tasks","cmd":"run"})", "/id"},
        Case{"RestartInside", R"({"id":"/restart/a","cmd":"run"})", ""}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Commands, MarathonValidationTest,
    ::testing::Values(
        Case{"Args", R"({"id":"/a","args":["run"]})", ""},
        Case{"Both", R"({"id":"/a","cmd":"run","args":["run"]})", "/"},
        Case{"Neither", R"({"id":"/a"})", "/"},
        Case{"EmptyArgsAreNone", R"({"id":"/a","cmd":"run","args":[]})", ""},
        Case{"NullIsAbsent", R"({"id":"/a","cmd":null,"args":["x"]})", ""},
        Case{"OneCharacter", R"({"id":"/a","cmd":"x"})", "/cmd"},
        Case{"ImageAlone",
             R"({"id":"/a","container":{"docker":{"image":"nginx"}}})", ""},
        Case{"MesosContainerWithoutImage",
             R"({"id":"/a","container":{"type":"MESOS"}})", "/"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Types, MarathonValidationTest,
    ::testing::Values(
        Case{"NotAnObject", R"([])", "/"},
        Case{"Group", R"({"id":"/g","cmd":1,"apps":[]})", "/cmd"},
        Case{"CpusAsText", With(R"("cpus":"1")"), "/cpus"},
        Case{"InstancesAsText", With(R"("instances":"1")"), "/instances"},
        Case{"InstancesFraction", With(R"("instances":1.5)"), "/instances"},
        Case{"InstancesAsFloat", With(R"("instances":2.0)"), ""},
        Case{"EnvNumber", With(R"("env":{"A":1})"), "/env/A"},
        Case{"LabelNumber", With(R"("labels":{"a":1})"), "/labels/a"},
        Case{"CheckNotObject", With(R"("healthChecks":[1])"),
             "/healthChecks(0)"},
        Case{"UnknownMember", With(R"("minimunHealthCapacity":1)"), ""}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Ports, MarathonValidationTest,
    ::testing::Values(
        Case{"UdpTcp", With(R"("portDefinitions":[{"protocol":"udp,tcp"}])"),
             ""},
        Case{"TcpUdp", With(R"("portDefinitions":[{"protocol":"tcp,udp"}])"),
             "/portDefinitions(0)/protocol"},
        Case{"TwoOfOneName",
             With(R"("portDefinitions":[{"name":"api"},{"name":"api"}])"),
             "/portDefinitions(1)/name"},
        Case{"TwoOfOneNumber",
             With(R"("portDefinitions":[{"port":80},{"port":80}])"),
             "/portDefinitions"},
        Case{"TwoDynamic", With(R"("portDefinitions":[{"port":0},{"port":0}])"),
             ""},
        Case{"TooLarge", With(R"("portDefinitions":[{"port":65536}])"),
             "/portDefinitions(0)/port"},
        Case{"NameUpperCase", With(R"("portDefinitions":[{"name":"API"}])"),
             "/portDefinitions(0)/name"},
        Case{"PortsAndDefinitionsDiffer",
             With(R"("ports":[1],"portDefinitions":[{"port":2}])"), "/ports"},
        Case{"PortsAndDefinitionsEqual",
             With(R"("ports":[2],"portDefinitions":[{"port":2}])"), ""}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Checks, MarathonValidationTest,
    ::testing::Values(
        Case{"Http", With(R"("healthChecks":[{"path":"/"}])"), ""},
        Case{"NoSuchPort", With(R"("healthChecks":[{"portIndex":1}])"),
             "/healthChecks(0)/portIndex"},
        Case{"NoPortAtAll",
             With(R"("portDefinitions":[],"healthChecks":[{"path":"/"}])"),
             "/healthChecks(0)"},
        Case{"PortAndIndex",
             With(R"("healthChecks":[{"port":1,"portIndex":0}])"),
             "/healthChecks(0)"},
        Case{"CommandWithout",
             With(R"("healthChecks":[{"protocol":"COMMAND"}])"),
             "/healthChecks(0)/command"},
        Case{"CommandNull",
             With(R"("healthChecks":[{"protocol":"COMMAND","command":null}])"),
             "/healthChecks(0)/command"},
        Case{"UnknownProtocol", With(R"("healthChecks":[{"protocol":"X"}])"),
             "/healthChecks(0)/protocol"},
        Case{"TwoMesos",
             With(R"("healthChecks":[{"protocol":"MESOS_TCP"},)"
                  R"({"protocol":"MESOS_HTTP"}])"),
             "/healthChecks"},
        Case{"Readiness",
             With(R"("portDefinitions":[{"name":"api"}],)"
                  R"("readinessChecks":[{"portName":"api"}])"),
             ""},
        Case{"ReadinessUnknownPort",
             With(R"("readinessChecks":[{"portName":"api"}])"),
             "/readinessChecks(0)/portName"},
        Case{"ReadinessTimeoutNotBelowInterval",
             With(R"("portDefinitions":[{"name":"api"}],"readinessChecks":)"
                  R"([{"portName":"api","timeoutSeconds":30}])"),
             "/readinessChecks(0)/timeoutSeconds"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Placement, MarathonValidationTest,
    ::testing::Values(
        Case{"Unique", With(R"("constraints":[["hostname","UNIQUE"]])"), ""},
        Case{"UniqueValue",
             With(R"("constraints":[["hostname","UNIQUE","x"]])"),
             "/constraints(0)"},
        Case{"MaxPerText", With(R"("constraints":[["rack","MAX_PER","x"]])"),
             "/constraints(0)"},
        Case{"GroupBy", With(R"("constraints":[["rack","GROUP_BY"]])"), ""},
        Case{"BadPattern", With(R"("constraints":[["rack","LIKE","("]])"),
             "/constraints(0)"},
        Case{"IsWithBlank", With(R"("constraints":[["rack","IS","a b"]])"),
             "/constraints(0)"},
        Case{"Unknown", With(R"("constraints":[["rack","NEAR","x"]])"),
             "/constraints(0)"},
        Case{"One", With(R"("constraints":[["rack"]])"), "/constraints(0)"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Rest, MarathonValidationTest,
    ::testing::Values(
        Case{"HalfStrategy",
             With(R"("upgradeStrategy":{"minimumHealthCapacity":1})"),
             "/upgradeStrategy/maximumOverCapacity"},
        Case{"StrategyTooLarge",
             With(R"("upgradeStrategy":{"minimumHealthCapacity":1,)"
                  R"("maximumOverCapacity":2})"),
             "/upgradeStrategy/maximumOverCapacity"},
        Case{"SingleInstanceTwice",
             With(R"("instances":2,"labels":)"
                  R"({"MARATHON_SINGLE_INSTANCE_APP":"true"})"),
             "/instances"},
        Case{"SingleInstanceStrategy",
             With(R"("upgradeStrategy":{"minimumHealthCapacity":1,)"
                  R"("maximumOverCapacity":0},"labels":)"
                  R"({"MARATHON_SINGLE_INSTANCE_APP":"true"})"),
             "/upgradeStrategy"},
        Case{"NegativeMem", With(R"("mem":-1)"), "/mem"},
        Case{"VolumeWithoutHostPath",
             With(R"("container":{"type":"MESOS","volumes":)"
                  R"([{"containerPath":"data","mode":"RW"}]})"),
             "/container/volumes(0)/hostPath"},
        Case{"PersistentWithSlash",
             With(R"("container":{"type":"MESOS","volumes":[{"containerPath":)"
                  R"("/data","mode":"RW","persistent":{"size":1}}]})"),
             "/container/volumes(0)/containerPath"},
        Case{"UndeclaredSecret", With(R"("env":{"A":{"secret":"s"}})"), "/env"},
        Case{"UrisAndFetch", With(R"("uris":["x"],"fetch":[])"), "/uris"},
        Case{"NetworksTwice",
             With(R"("networks":[{"mode":"host"}],"ipAddress":{})"),
             "/networks"},
        Case{"DependsOnItself", With(R"("dependencies":["/echod"])"),
             "/dependencies"},
        Case{"DependsOnNothing", With(R"("dependencies":["/absent"])"), ""}),
    CaseName);

TEST(MarathonValidationTest, WrongTypesAreReportedAlone) {
  const CheckedApp checked = Check(R"({"id":"/Bad","cmd":"x","cpus":"1"})");
  EXPECT_THAT(checked.violations,
              ElementsAre(Violation{"/cpus", "error.expected.jsnumber"}));
}

TEST(MarathonValidationTest, EveryBrokenRuleIsReported) {
  const CheckedApp checked =
      Check(R"({"id":"/Bad","cmd":"x","cpus":-1,"mem":-1})");
  EXPECT_EQ(checked.violations.size(), 4u);
}

}  // namespace
}  // namespace orrery::catalog
