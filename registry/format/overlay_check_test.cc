#include "registry/format/overlay_check.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDirectory[] = "repo/packages/K/kafka/7";

OverlayCheck Check(const std::vector<ReleaseFile>& files) {
  return CheckOverlay(kDirectory, {"kafka", 7}, files);
}

ReleaseFile File(std::string name, absl::string_view bytes,
                 uint32_t mode = 0100644) {
  return {std::move(name), mode, bytes.size(), bytes};
}

TEST(OverlayCheckTest, RelationsMaySelectReleases) {
  const OverlayCheck check = Check(
      {File("relations.json",
            R"({"releases": "release>=5", "requires": [{"package": "zk"}]})")});
  EXPECT_FALSE(check.refused());
  EXPECT_THAT(check.findings, IsEmpty());
  EXPECT_THAT(check.mentions, ElementsAre("needs zk"));
}

TEST(OverlayCheckTest, FaultOfItsRelationsRefusesIt) {
  const OverlayCheck check = Check(
      {File("relations.json", R"({"requires": [{"package": "kafka"}]})")});
  EXPECT_TRUE(check.refused());
  ASSERT_THAT(check.findings, SizeIs(1));
  EXPECT_EQ(check.findings[0].rule, "relations.self");
  EXPECT_EQ(check.findings[0].path, "repo/packages/K/kafka/7/relations.json");
}

TEST(OverlayCheckTest, FilesOfAReleaseAreRefused) {
  for (const char* name : {"package.json", "config.json", "resource.json",
                           "command.json", "marathon.json.mustache"}) {
    const OverlayCheck check = Check({File(name, "{}")});
    EXPECT_TRUE(check.refused()) << name;
    EXPECT_EQ(check.findings[0].rule, "content.path");
  }
}

TEST(OverlayCheckTest, LinksAreRefused) {
  EXPECT_TRUE(Check({File("relations.json", "", 0120000)}).refused());
}

}  // namespace
}  // namespace orrery::registry
