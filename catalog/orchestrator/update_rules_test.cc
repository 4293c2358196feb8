#include "catalog/orchestrator/update_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MarathonApp Resident(int64_t size) {
  MarathonApp app;
  app.id = "/db";
  app.container.emplace();
  AppVolume volume;
  volume.container_path = "data";
  volume.persistent = true;
  volume.persistent_size = size;
  app.container->volumes = {volume};
  return app;
}

TEST(FindUpdateViolationsTest, PersistentVolumeKeepsItsSize) {
  EXPECT_THAT(
      FindUpdateViolations(Resident(3000), Resident(6000)),
      ElementsAre(Violation{
          "/container/volumes/data",
          "is 3000 MiB and is to be 6000 MiB, which may not change on update; "
          "keep it, or install a new service"}));
}

TEST(FindUpdateViolationsTest, VolumeMayNeitherGoNorCome) {
  MarathonApp without;
  without.id = "/db";
  EXPECT_THAT(FindUpdateViolations(Resident(1), without),
              ElementsAre(::testing::Field(&Violation::path,
                                           "/container/volumes/data")));
  EXPECT_THAT(FindUpdateViolations(without, Resident(1)),
              ElementsAre(::testing::Field(&Violation::path,
                                           "/container/volumes/data")));
}

TEST(FindUpdateViolationsTest, ResidentAppKeepsItsResourcesAndFixedPorts) {
  MarathonApp wanted = Resident(3000);
  wanted.cpus = 2;
  wanted.mem = 256;
  wanted.require_ports = true;
  wanted.port_definitions = {{8080, "api", "tcp", {}}};
  EXPECT_THAT(
      FindUpdateViolations(Resident(3000), wanted),
      ElementsAre(::testing::Field(&Violation::path, "/cpus"),
                  ::testing::Field(&Violation::path, "/mem"),
                  ::testing::Field(&Violation::path, "/portDefinitions")));
}

TEST(FindUpdateViolationsTest, AppWithoutVolumesMayChangeAllButItsId) {
  MarathonApp running;
  running.id = "/web";
  MarathonApp wanted = running;
  wanted.cpus = 4;
  wanted.instances = 3;
  wanted.cmd = "true";
  wanted.require_ports = true;
  wanted.port_definitions = {{8080, "api", "tcp", {}}};
  EXPECT_THAT(FindUpdateViolations(running, wanted), IsEmpty());
  wanted.id = "/other";
  EXPECT_THAT(FindUpdateViolations(running, wanted),
              ElementsAre(::testing::Field(&Violation::path, "/id")));
}

TEST(DifferOnlyInInstancesTest, NumberAndBookkeepingAreNoDifference) {
  EXPECT_TRUE(DifferOnlyInInstances(
      R"({"id":"/a","instances":1,"labels":{"DCOS_PACKAGE_OPTIONS":"x"}})",
      R"({"labels":{"DCOS_PACKAGE_OPTIONS":"y"},"id":"/a","instances":2})"));
  EXPECT_FALSE(DifferOnlyInInstances(R"({"id":"/a","cmd":"x"})",
                                     R"({"id":"/a","cmd":"y"})"));
  EXPECT_FALSE(DifferOnlyInInstances(
      R"({"id":"/a","labels":{"DCOS_PACKAGE_VERSION":"1"}})",
      R"({"id":"/a","labels":{"DCOS_PACKAGE_VERSION":"2"}})"));
}

}  // namespace
}  // namespace orrery::catalog
