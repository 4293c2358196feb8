#include "catalog/orchestrator/task/local_environment.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

MarathonApp App() {
  MarathonApp app;
  app.id = "/group/echod";
  app.cpus = 0.5;
  app.mem = 64;
  return app;
}

EnvironmentContext Context() {
  EnvironmentContext context;
  context.task_id = "group_echod.instance-1._app.1";
  context.app_version = "2026-01-31T12:00:00.000Z";
  context.sandbox = "/state/sandbox";
  context.user = "nobody";
  context.host = "127.0.0.1";
  return context;
}

struct PortCase {
  const char* name;
  std::vector<AppPort> definitions;
  std::vector<int> ports;
  std::vector<std::string> expected;
};

// orchestrators.md §3.3, row "ports".
TEST(LocalEnvironmentTest, PortsByIndexNumberAndName) {
  const std::vector<PortCase> cases = {
      {"dynamic",
       {{0, "", "tcp", {}}},
       {31000},
       {"PORT0=31000", "PORT_31000=31000", "PORT=31000", "PORTS=31000"}},
      {"requested",
       {{8080, "", "tcp", {}}},
       {31001},
       {"PORT0=31001", "PORT_8080=31001", "PORT=31001"}},
      {"named",
       {{0, "web-ui", "tcp", {}}, {0, "admin", "tcp", {}}},
       {31002, 31003},
       {"PORT_WEB-UI=31002", "PORT_ADMIN=31003", "PORT1=31003", "PORT=31002",
        "PORTS=31002,31003"}},
  };
  for (const PortCase& c : cases) {
    MarathonApp app = App();
    app.port_definitions = c.definitions;
    EnvironmentContext context = Context();
    context.ports = c.ports;
    const std::vector<std::string> environment = BuildEnvironment(app, context);
    for (const std::string& expected : c.expected) {
      EXPECT_THAT(environment, Contains(expected)) << c.name;
    }
  }
}

TEST(LocalEnvironmentTest, AppWithoutPortsHasHostButNoPort) {
  const std::vector<std::string> environment =
      BuildEnvironment(App(), Context());
  EXPECT_THAT(environment, Contains("HOST=127.0.0.1"));
  EXPECT_THAT(environment, Not(Contains(StartsWith("PORT"))));
}

TEST(LocalEnvironmentTest, SaysWhatTheTaskIs) {
  const std::vector<std::string> environment =
      BuildEnvironment(App(), Context());
  for (const char* const expected :
       {"MARATHON_APP_ID=/group/echod",
        "MARATHON_APP_VERSION=2026-01-31T12:00:00.000Z",
        "MESOS_TASK_ID=group_echod.instance-1._app.1",
        "MESOS_SANDBOX=/state/sandbox", "HOME=/state/sandbox",
        "PWD=/state/sandbox", "USER=nobody", "LANG=C.UTF-8",
        "MARATHON_APP_RESOURCE_CPUS=0.5", "MARATHON_APP_RESOURCE_MEM=64.0",
        "MARATHON_APP_RESOURCE_DISK=0.0", "MARATHON_APP_RESOURCE_GPUS=0",
        "MARATHON_APP_LABELS="}) {
    EXPECT_THAT(environment, Contains(expected));
  }
}

TEST(LocalEnvironmentTest, OwnVariablesOfTheAppWinAndStandOnce) {
  MarathonApp app = App();
  app.env = {{"HOME", "/opt"}, {"COLOR", "red"}};
  const std::vector<std::string> environment = BuildEnvironment(app, Context());
  EXPECT_THAT(environment, Contains("HOME=/opt"));
  EXPECT_THAT(environment, Not(Contains("HOME=/state/sandbox")));
  EXPECT_THAT(environment, Contains("COLOR=red"));
}

TEST(LocalEnvironmentTest, LabelsThatAreTooLongStayOut) {
  MarathonApp app = App();
  app.labels = {{"short.name", "v"},
                {"long", std::string(512, 'x')},
                {"fits", std::string(511, 'x')}};
  const std::vector<std::string> environment = BuildEnvironment(app, Context());
  EXPECT_THAT(environment, Contains("MARATHON_APP_LABELS=SHORT_NAME FITS"));
  EXPECT_THAT(environment, Contains("MARATHON_APP_LABEL_SHORT_NAME=v"));
  EXPECT_THAT(environment,
              Not(Contains(StartsWith("MARATHON_APP_LABEL_LONG="))));
}

TEST(LocalEnvironmentTest, LabelNameBecomesAVariable) {
  EXPECT_EQ(LabelVariable("HAPROXY_0_VHOST"), "HAPROXY_0_VHOST");
  EXPECT_EQ(LabelVariable("a.b--c"), "A_B_C");
  EXPECT_EQ(LabelVariable("-x-"), "_X_");
}

}  // namespace
}  // namespace orrery::catalog
