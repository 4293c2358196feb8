#include "catalog/manifest/marathon_normalization.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/manifest/marathon_app_reader.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

MarathonApp Normalize(const std::string& json) {
  const auto document = registry::ParseJson(json);
  EXPECT_THAT(document, IsOk()) << json;
  AppReading reading = ReadMarathonApp(document->root);
  EXPECT_TRUE(reading.violations.empty()) << json;
  return NormalizeMarathonApp(std::move(reading.app));
}

TEST(MarathonNormalizationTest, RelativeIdsBecomeAbsolute) {
  const MarathonApp app = Normalize(R"({"id":"a","dependencies":["b","/c"]})");
  EXPECT_EQ(app.id, "/a");
  EXPECT_THAT(app.dependencies, ::testing::ElementsAre("/b", "/c"));
}

TEST(MarathonNormalizationTest, UrisBecomeFetchesByTheirExtension) {
  const MarathonApp app = Normalize(
      R"({"id":"/a","uris":["http://x/a.tgz?v=1","http://x/run.sh"]})");
  ASSERT_EQ(app.fetch.size(), 2u);
  EXPECT_TRUE(app.fetch[0].extract);
  EXPECT_FALSE(app.fetch[1].extract);
  EXPECT_FALSE(app.uris.has_value());
}

TEST(MarathonNormalizationTest, HostNetworkGetsOneNamedPort) {
  const MarathonApp app = Normalize(R"({"id":"/a"})");
  ASSERT_EQ(app.networks.size(), 1u);
  EXPECT_EQ(app.networks[0].mode, "host");
  ASSERT_EQ(app.port_definitions.size(), 1u);
  EXPECT_EQ(app.port_definitions[0].name, "default");
  EXPECT_EQ(app.port_definitions[0].port, 0);
}

TEST(MarathonNormalizationTest, EmptyListOfPortsStaysEmpty) {
  EXPECT_TRUE(Normalize(R"({"id":"/a","portDefinitions":[]})")
                  .port_definitions.empty());
  EXPECT_TRUE(Normalize(R"({"id":"/a","ports":[]})").port_definitions.empty());
}

TEST(MarathonNormalizationTest, PortsBecomeDefinitions) {
  const MarathonApp app =
      Normalize(R"({"id":"/a","ports":[8080,0],"requirePorts":true})");
  ASSERT_EQ(app.port_definitions.size(), 2u);
  EXPECT_EQ(app.port_definitions[0].port, 8080);
  EXPECT_TRUE(app.require_ports);
}

TEST(MarathonNormalizationTest, OldBridgeNetworkGetsMappings) {
  const MarathonApp app = Normalize(
      R"({"id":"/a","ports":[1,2],"requirePorts":true,"container":{"docker":)"
      R"({"image":"x","network":"BRIDGE","portMappings":[{"containerPort":80}]}}})");
  ASSERT_EQ(app.networks.size(), 1u);
  EXPECT_EQ(app.networks[0].mode, "container/bridge");
  ASSERT_EQ(app.container->port_mappings.size(), 1u);
  EXPECT_EQ(app.container->port_mappings[0].container_port, 80);
  EXPECT_EQ(app.container->port_mappings[0].host_port, 0);
  EXPECT_FALSE(app.require_ports);
}

TEST(MarathonNormalizationTest, ContainerNetworkWithoutMappingsGetsOne) {
  const MarathonApp app =
      Normalize(R"({"id":"/a","networks":[{"mode":"container","name":"n"}],)"
                R"("container":{"docker":{"image":"x"}}})");
  ASSERT_EQ(app.container->port_mappings.size(), 1u);
  EXPECT_EQ(app.container->port_mappings[0].name, "default");
  EXPECT_FALSE(app.container->port_mappings[0].host_port.has_value());
}

TEST(MarathonNormalizationTest, CheckWithoutPortTakesTheFirst) {
  const MarathonApp app =
      Normalize(R"({"id":"/a","healthChecks":[{"protocol":"TCP"},)"
                R"({"protocol":"TCP","port":80},{"protocol":"COMMAND"}]})");
  EXPECT_EQ(app.health_checks[0].port_index, 0);
  EXPECT_FALSE(app.health_checks[1].port_index.has_value());
  EXPECT_FALSE(app.health_checks[2].port_index.has_value());
}

TEST(MarathonNormalizationTest, UpgradeStrategyDependsOnTheVolumes) {
  const MarathonApp plain = Normalize(R"({"id":"/a"})");
  EXPECT_EQ(plain.upgrade_strategy->minimum_health_capacity, 1.0);
  EXPECT_EQ(plain.upgrade_strategy->maximum_over_capacity, 1.0);
  const MarathonApp resident = Normalize(
      R"({"id":"/a","container":{"type":"MESOS","volumes":)"
      R"([{"containerPath":"d","mode":"RW","persistent":{"size":1}}]}})");
  EXPECT_EQ(resident.upgrade_strategy->minimum_health_capacity, 0.5);
  EXPECT_EQ(resident.upgrade_strategy->maximum_over_capacity, 0.0);
}

TEST(MarathonNormalizationTest, ExtensionsThatAreUnpacked) {
  for (const char* const uri :
       {"x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.gz", "x.tgz", "x.tbz2",
        "x.txz", "x.zip", "http://h/x.zip?a=b#c"}) {
    EXPECT_TRUE(ExtractsByExtension(uri)) << uri;
  }
  for (const char* const uri :
       {"x", "x.jar", "x.deb", "x.tar.gz.asc", "http://h/x?f=a.zip"}) {
    EXPECT_FALSE(ExtractsByExtension(uri)) << uri;
  }
}

}  // namespace
}  // namespace orrery::catalog
