#include "registry/store/durable_file.h"

#include <cerrno>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DurableFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    ASSERT_THAT(MakeDirectory(folder_, 0700), IsOk());
  }

  const std::string folder_ =
      std::string(::testing::TempDir()) + "durable_file_test";
};

TEST_F(DurableFileTest, WrittenFileReplacesTheOldOneAndLeavesNothingBeside) {
  const std::string path = folder_ + "/record";
  ASSERT_THAT(WriteDurably(path, "one"), IsOk());
  ASSERT_THAT(WriteWhole(path, "two"), IsOk());
  EXPECT_THAT(ReadWholeFile(path), IsOkAndHolds("two"));
  EXPECT_THAT(*ListFolder(folder_), ElementsAre("record"));
}

TEST_F(DurableFileTest, OverwrittenBytesKeepTheirNeighboursAndNoFileIsMade) {
  const std::string path = folder_ + "/record";
  EXPECT_THAT(OverwriteDurably(path, 0, "x"),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(WriteDurably(path, "one two three"), IsOk());
  ASSERT_THAT(OverwriteDurably(path, 4, "TWO"), IsOk());
  EXPECT_THAT(ReadWholeFile(path), IsOkAndHolds("one TWO three"));
}

TEST_F(DurableFileTest, RemovedTreeIsGoneAndLinksAreNotFollowed) {
  ASSERT_THAT(WriteWhole(folder_ + "/kept", "x"), IsOk());
  ASSERT_THAT(MakeDirectory(folder_ + "/tree", 0700), IsOk());
  std::filesystem::create_symlink(folder_, folder_ + "/tree/up");
  ASSERT_THAT(RemoveTree(folder_ + "/tree"), IsOk());
  EXPECT_THAT(*ListFolder(folder_), ElementsAre("kept"));
}

TEST_F(DurableFileTest, ErrorsTellWhetherWaitingHelps) {
  EXPECT_THAT(
      FileError("cannot write", "/x", ENOSPC),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
  EXPECT_THAT(FileError("cannot write", "/x", EROFS),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(FileError("cannot write", "/x", EIO),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("'/x'")));
  EXPECT_THAT(ReadWholeFile(folder_ + "/none"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orrery::registry
