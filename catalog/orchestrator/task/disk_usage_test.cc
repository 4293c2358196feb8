#include "catalog/orchestrator/task/disk_usage.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

class DiskUsageTest : public ::testing::Test {
 protected:
  DiskUsageTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/a/b");
  }
  void Write(const std::string& name, size_t bytes) {
    std::ofstream(folder_ + "/" + name) << std::string(bytes, 'x');
  }

  const std::string folder_ = ::testing::TempDir() + "/usage";
};

TEST_F(DiskUsageTest, CountsEveryFileBelow) {
  const int64_t empty = DiskUsage(folder_);
  Write("one", 100000);
  Write("a/b/two", 200000);
  const int64_t grown = DiskUsage(folder_) - empty;
  EXPECT_GE(grown, 300000);
  EXPECT_LT(grown, 330000);
}

TEST_F(DiskUsageTest, DoesNotFollowLinks) {
  const int64_t empty = DiskUsage(folder_);
  std::filesystem::create_directory_symlink("/usr", folder_ + "/a/link");
  EXPECT_LT(DiskUsage(folder_) - empty, 10000);
}

TEST_F(DiskUsageTest, MissingFolderTakesNothing) {
  EXPECT_EQ(DiskUsage(folder_ + "/absent"), 0);
}

}  // namespace
}  // namespace orrery::catalog
