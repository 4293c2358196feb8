#include "catalog/orchestrator/task/control_group.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kMounts =
    "24 1 0:22 / /proc rw - proc proc rw\n"
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";

TEST(OwnControlGroupTest, IsTheMountPointAndTheGroup) {
  EXPECT_EQ(OwnControlGroup("0::/system.slice/orreryd.service\n", kMounts),
            "/sys/fs/cgroup/system.slice/orreryd.service");
  EXPECT_EQ(OwnControlGroup("0::/\n", kMounts), "/sys/fs/cgroup");
  EXPECT_EQ(OwnControlGroup("4:memory:/a\n0::/b\n", kMounts),
            "/sys/fs/cgroup/b");
}

TEST(OwnControlGroupTest, IsEmptyWithoutGroupsOfVersionTwo) {
  EXPECT_EQ(OwnControlGroup("4:memory:/a\n", kMounts), "");
  EXPECT_EQ(
      OwnControlGroup("0::/a\n", "30 24 0:26 / /c rw - cgroup cgroup rw\n"),
      "");
  EXPECT_EQ(OwnControlGroup("", ""), "");
}

// A folder that looks like a group; what is written replaces what was there.
class ControlGroupTest : public ::testing::Test {
 protected:
  ControlGroupTest() {
    std::filesystem::remove_all(group_);
    Make(group_, "cpu io memory pids");
    Make(group_ + "/instances", "cpu memory pids");
    Make(group_ + "/supervisor", "");
  }
  static void Make(const std::string& group, const std::string& controllers) {
    std::filesystem::create_directories(group);
    std::ofstream(group + "/cgroup.controllers") << controllers << "\n";
    for (const char* const file :
         {"cgroup.subtree_control", "memory.max", "cpu.weight", "pids.max"}) {
      std::ofstream(group + "/" + file) << "";
    }
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(group_ + "/" + name).rdbuf();
    return text.str();
  }

  const std::string group_ = ::testing::TempDir() + "/group";
};

TEST_F(ControlGroupTest, InstancesAreBesideTheSupervisor) {
  EXPECT_THAT(PrepareControlGroups(group_ + "/supervisor"),
              IsOkAndHolds(group_ + "/instances"));
  EXPECT_THAT(Read("cgroup.subtree_control"), HasSubstr("+pids"));
  EXPECT_THAT(Read("instances/cgroup.subtree_control"), HasSubstr("+pids"));
}

TEST_F(ControlGroupTest, GroupOfAnyOtherNameIsLeftAlone) {
  EXPECT_THAT(PrepareControlGroups(group_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("subgroup 'supervisor'")));
  EXPECT_EQ(Read("cgroup.subtree_control"), "");
}

TEST_F(ControlGroupTest, MissingControllerIsSaid) {
  std::ofstream(group_ + "/cgroup.controllers") << "cpu pids\n";
  EXPECT_THAT(PrepareControlGroups(group_ + "/supervisor"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no controller 'memory'")));
}

TEST_F(ControlGroupTest, LimitsAreThoseOfTheApp) {
  MarathonApp app;
  app.cpus = 0.5;
  app.mem = 64;
  EXPECT_THAT(MakeControlGroup(group_ + "/instances", app), IsOk());
  EXPECT_EQ(Read("instances/memory.max"), "67108864");
  EXPECT_EQ(Read("instances/cpu.weight"), "50");
  EXPECT_EQ(Read("instances/pids.max"), "4096");
}

}  // namespace
}  // namespace orrery::catalog
