#include "server/process/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

using ::testing::HasSubstr;

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class DataDirTest : public ::testing::Test {
 protected:
  DataDirTest() { std::filesystem::remove_all(root_); }

  std::string root_ =
      std::filesystem::path(::testing::TempDir() + "/data_dir_test")
          .lexically_normal();
  std::string path_ = root_ + "/deep/data";
};

TEST_F(DataDirTest, IsCreatedForItsOwnerOnly) {
  const auto data_dir = DataDir::Open(path_);
  ASSERT_THAT(data_dir, IsOk());
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700U);
  EXPECT_EQ((*data_dir)->path(), path_);
}

TEST_F(DataDirTest, ASecondOneIsToldWhoHasIt) {
  const auto first = DataDir::Open(path_);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(DataDir::Open(path_ + "/"),
              StatusIs(absl::StatusCode::kAborted,
                       HasSubstr(absl::StrCat("process ", getpid()))));
}

TEST_F(DataDirTest, ChildrenDoNotKeepTheLock) {
  const auto data_dir = DataDir::Open(path_);
  ASSERT_THAT(data_dir, IsOk());
  int inherited = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(entry.path(), error);
    if (target != path_ + "/lock") continue;
    const int flags = fcntl(std::stoi(entry.path().filename()), F_GETFD);
    inherited += (flags & FD_CLOEXEC) != 0 ? 0 : 1;
  }
  EXPECT_EQ(inherited, 0);
}

TEST_F(DataDirTest, AddressesAreThereWhilePublishedOnly) {
  {
    const auto data_dir = DataDir::Open(path_);
    ASSERT_THAT(data_dir, IsOk());
    ASSERT_THAT((*data_dir)->PublishAddresses("127.0.0.1:1", "127.0.0.1:2"),
                IsOk());
    EXPECT_EQ(Read(path_ + "/run/http.addr"), "127.0.0.1:1");
    EXPECT_EQ(Read(path_ + "/run/grpc.addr"), "127.0.0.1:2");
  }
  EXPECT_FALSE(std::filesystem::exists(path_ + "/run/http.addr"));
}

TEST_F(DataDirTest, AddressesOfAKilledRunAreRemovedAtTheStart) {
  std::filesystem::create_directories(path_ + "/run");
  std::ofstream(path_ + "/run/http.addr") << "127.0.0.1:1";
  std::ofstream(path_ + "/lock") << "999999\n";
  const auto data_dir = DataDir::Open(path_);
  ASSERT_THAT(data_dir, IsOk());
  EXPECT_FALSE(std::filesystem::exists(path_ + "/run/http.addr"));
  EXPECT_EQ(Read(path_ + "/lock"), absl::StrCat(getpid(), "\n"));
}

TEST_F(DataDirTest, AFileInItsPlaceIsNamed) {
  std::filesystem::create_directories(root_);
  std::ofstream(root_ + "/file") << "x";
  EXPECT_THAT(DataDir::Open(root_ + "/file"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(root_ + "/file")));
}

}  // namespace
}  // namespace orrery::server
