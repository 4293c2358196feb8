#include "catalog/verify/stored_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

class StoredFileTest : public ::testing::Test {
 protected:
  StoredFileTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }

  const std::string root_ = ::testing::TempDir() + "/stored";
};

TEST_F(StoredFileTest, FileUpToTheLimitIsReadWhole) {
  std::ofstream(root_ + "/a") << "12345";
  EXPECT_THAT(ReadStoredFile(root_ + "/a", 5), IsOkAndHolds("12345"));
  EXPECT_THAT(ReadStoredFile(root_ + "/a", 4),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(ReadStoredFile(root_ + "/b", 4),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadStoredFile(root_ + "/a/b", 4),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StoredFileTest, FileThatHasMoreThanItsSizeSaysIsReadWhole) {
  // The kernel tells no size of it.
  EXPECT_THAT(ReadStoredFile("/proc/sys/kernel/ostype", 9),
              IsOkAndHolds("Linux\n"));
  EXPECT_THAT(ReadStoredFile("/proc/sys/kernel/ostype", 5),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(StoredFileTest, PipeAndDirectoryAreNoFiles) {
  ASSERT_EQ(mkfifo((root_ + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReadStoredFile(root_ + "/pipe", 4),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ReadStoredFile(root_, 4),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoredFileTest, ReplacedFileLeavesNothingBeside) {
  ASSERT_THAT(ReplaceDurably(root_ + "/a", "one"), IsOk());
  ASSERT_THAT(ReplaceDurably(root_ + "/a", "two"), IsOk());
  EXPECT_THAT(ReadStoredFile(root_ + "/a", 9), IsOkAndHolds("two"));
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    EXPECT_EQ(entry.path(), root_ + "/a");
    ++count;
  }
  EXPECT_EQ(count, 1);
}

TEST_F(StoredFileTest, DraftIsWrittenThroughNoLink) {
  std::ofstream(root_ + "/elsewhere") << "mine";
  std::filesystem::create_symlink(root_ + "/elsewhere", root_ + "/a.new");
  EXPECT_THAT(ReplaceDurably(root_ + "/a", "one"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ReadStoredFile(root_ + "/elsewhere", 9), IsOkAndHolds("mine"));
}

TEST_F(StoredFileTest, DirectoriesAreMadeForTheUserAlone) {
  ASSERT_THAT(MakeDirectories(root_ + "/x/y/z"), IsOk());
  ASSERT_THAT(MakeDirectories(root_ + "/x/y/z"), IsOk());
  struct stat status = {};
  ASSERT_EQ(stat((root_ + "/x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, mode_t{0700});
  std::ofstream(root_ + "/file") << "";
  EXPECT_THAT(MakeDirectories(root_ + "/file"),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoredFileTest, ParentIsWhatComesBeforeTheLastName) {
  EXPECT_EQ(ParentOf("/a/b/c"), "/a/b");
  EXPECT_EQ(ParentOf("/a"), "/");
  EXPECT_EQ(ParentOf("a"), ".");
}

}  // namespace
}  // namespace orrery::catalog
