#include "registry/log/signer_file.h"

#include <cstddef>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/store/durable_file.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

constexpr size_t kPlaceBytes = 4096;

class SignerFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    ASSERT_THAT(MakeDirectory(folder_, 0700), IsOk());
    ASSERT_THAT(WriteDurably(path_, "nothing\n"), IsOk());
  }

  // Leaves the file with "one" in its first place and "two" in its second.
  void WriteBothPlaces() {
    ASSERT_THAT(file_.Replace("nothing\n", "one\n"), IsOk());
    ASSERT_THAT(file_.Replace("one\n", "two\n"), IsOk());
  }

  const std::string folder_ =
      absl::StrCat(::testing::TempDir(), "signer_file_test");
  const std::string path_ = absl::StrCat(folder_, "/log.state");
  SignerFile file_{path_};
};

TEST_F(SignerFileTest, EachReplacedTextIsReadFromAFileThatKeepsItsSize) {
  std::string last = "nothing\n";
  EXPECT_THAT(file_.Read(), IsOkAndHolds(last));
  for (int i = 0; i < 12; ++i) {
    std::string next = absl::StrCat("size ", i, "\n");
    ASSERT_THAT(file_.Replace(last, next), IsOk());
    EXPECT_THAT(SignerFile(path_).Read(), IsOkAndHolds(next));
    EXPECT_EQ(std::filesystem::file_size(path_), 2 * kPlaceBytes);
    last = std::move(next);
  }
  EXPECT_THAT(*ListFolder(folder_), ElementsAre("log.state"));
}

TEST_F(SignerFileTest, OnlyTheTextInForceIsReplaced) {
  WriteBothPlaces();
  for (const char* stale : {"", "nothing\n", "one\n", "two"}) {
    EXPECT_THAT(file_.Replace(stale, "three\n"),
                StatusIs(absl::StatusCode::kAborted))
        << stale;
  }
  EXPECT_THAT(file_.Read(), IsOkAndHolds("two\n"));
}

TEST_F(SignerFileTest, AWriteThatIsCutShortLeavesTheStateBefore) {
  ASSERT_THAT(file_.Replace("nothing\n", "size 0\n"), IsOk());
  for (int i = 1; i < 4; ++i) {
    const std::string last = absl::StrCat("size ", i - 1, "\n");
    const std::string next = absl::StrCat("size ", i, "\n");
    const std::string before = *ReadWholeFile(path_);
    ASSERT_THAT(file_.Replace(last, next), IsOk());
    const std::string after = *ReadWholeFile(path_);
    for (size_t written = 0; before.substr(written) != after.substr(written);
         ++written) {
      ASSERT_THAT(WriteWhole(path_, absl::StrCat(after.substr(0, written),
                                                 before.substr(written))),
                  IsOk());
      ASSERT_THAT(file_.Read(), IsOkAndHolds(last)) << written;
    }
    ASSERT_THAT(file_.Replace(last, next), IsOk());
  }
}

TEST_F(SignerFileTest, AFileWithNoWholePlaceIsNoEarlierState) {
  WriteBothPlaces();
  std::string damaged = *ReadWholeFile(path_);
  damaged[0] = '7';
  damaged[kPlaceBytes] = '8';
  ASSERT_THAT(WriteDurably(path_, damaged), IsOk());
  EXPECT_THAT(file_.Read(), IsOkAndHolds(damaged));
  ASSERT_THAT(WriteDurably(path_, damaged.substr(0, kPlaceBytes)), IsOk());
  EXPECT_THAT(file_.Read(), IsOkAndHolds(damaged.substr(0, kPlaceBytes)));
}

TEST_F(SignerFileTest, ATextThatDoesNotFitChangesNothing) {
  WriteBothPlaces();
  EXPECT_THAT(file_.Replace("two\n", std::string(kPlaceBytes, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(file_.Read(), IsOkAndHolds("two\n"));
}

TEST_F(SignerFileTest, AFileThatIsGoneIsNotMadeAgain) {
  std::filesystem::remove(path_);
  EXPECT_THAT(file_.Read(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(file_.Replace("nothing\n", "one\n"), Not(IsOk()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace orrery::registry
