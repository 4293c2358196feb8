#include "catalog/orchestrator/local/host_capacity.h"

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(HostCapacityTest, KeepsTheLesserOfATenthAndAFixedReserve) {
  LocalConfig config;
  config.overcommit_cpus = 1;
  const Resources small = CapacityOf(config, {2, 4000});
  EXPECT_DOUBLE_EQ(small.cpus, 1.8);
  EXPECT_DOUBLE_EQ(small.mem, 3600);
  const Resources large = CapacityOf(config, {64, 65536});
  EXPECT_DOUBLE_EQ(large.cpus, 63);
  EXPECT_DOUBLE_EQ(large.mem, 64512);
}

TEST(HostCapacityTest, ConfiguredNumbersAndOvercommitCount) {
  LocalConfig config;
  config.cpus = 4;
  config.mem = 1000;
  config.overcommit_cpus = 2;
  config.overcommit_mem = 1.5;
  const Resources capacity = CapacityOf(config, {2, 2});
  EXPECT_DOUBLE_EQ(capacity.cpus, 8);
  EXPECT_DOUBLE_EQ(capacity.mem, 1500);
}

TEST(AvailableMemTest, IsWhatTheKernelEstimates) {
  EXPECT_EQ(AvailableMem("MemTotal:       4096 kB\n"
                         "MemFree:         512 kB\n"
                         "MemAvailable:   2048 kB\n"),
            2.0);
  EXPECT_EQ(AvailableMem("MemFree: 512 kB\n"), std::nullopt);
  EXPECT_EQ(AvailableMem(""), std::nullopt);
}

TEST(DescribeShortageTest, SaysWhatIsMissing) {
  EXPECT_EQ(DescribeShortage({1, 100}, {1, 100}, {2, 200}), "");
  EXPECT_EQ(DescribeShortage({1.5, 100}, {1, 0}, {2, 200}),
            "it needs 1.5 cpus, and 1 of 2 are free");
  EXPECT_EQ(DescribeShortage({1, 150}, {1, 100}, {2, 200}),
            "it needs 150 MiB of memory, and 100 of 200 are free");
}

}  // namespace
}  // namespace orrery::catalog
