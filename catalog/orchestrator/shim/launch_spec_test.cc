#include "catalog/orchestrator/shim/launch_spec.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

LaunchSpec FullSpec() {
  LaunchSpec spec;
  spec.arguments = {"/bin/sh", "-c", "echo \"$A\""};
  spec.environment = {"A=1", std::string("B=x\ny")};
  spec.directory = "/tmp/sandbox";
  spec.cgroup = "/sys/fs/cgroup/x";
  spec.user = 65534;
  spec.group = 65533;
  spec.supplementary_groups = {1, 4000000000};
  spec.grace_milliseconds = 1500;
  return spec;
}

TEST(LaunchSpecTest, DecodesWhatWasEncoded) {
  EXPECT_EQ(DecodeLaunchSpec(EncodeLaunchSpec(FullSpec())), FullSpec());
  LaunchSpec plain;
  plain.arguments = {"/bin/true"};
  EXPECT_EQ(DecodeLaunchSpec(EncodeLaunchSpec(plain)), plain);
}

TEST(LaunchSpecTest, RefusesEveryPrefix) {
  const std::string whole = EncodeLaunchSpec(FullSpec());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(DecodeLaunchSpec(whole.substr(0, size)), std::nullopt) << size;
  }
}

TEST(LaunchSpecTest, RefusesWhatFollowsTheEnd) {
  EXPECT_EQ(DecodeLaunchSpec(EncodeLaunchSpec(FullSpec()) + "x"), std::nullopt);
}

TEST(LaunchSpecTest, RefusesNothingToRun) {
  EXPECT_EQ(DecodeLaunchSpec(EncodeLaunchSpec(LaunchSpec())), std::nullopt);
}

TEST(ShimReportTest, DecodesWhatWasEncodedAndNothingElse) {
  const ShimReport report = {28, "task.json"};
  const std::string whole = EncodeShimReport(report);
  EXPECT_EQ(DecodeShimReport(whole), report);
  EXPECT_EQ(DecodeShimReport(EncodeShimReport({})), ShimReport());
  EXPECT_EQ(DecodeShimReport(whole.substr(0, 7)), std::nullopt);
  EXPECT_EQ(DecodeShimReport(whole + "x"), std::nullopt);
  EXPECT_EQ(DecodeShimReport(""), std::nullopt);
}

}  // namespace
}  // namespace orrery::catalog
