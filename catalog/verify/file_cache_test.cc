#include "catalog/verify/file_cache.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using ::testing::StrEq;

constexpr char kOrigin[] = "registry.example/main";

class FileCacheTest : public ::testing::Test {
 protected:
  FileCacheTest() { std::filesystem::remove_all(root_); }

  // The one file that is there.
  std::string OnlyFile() const {
    std::string found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root_)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(found, "");
      found = entry.path().string();
    }
    return found;
  }

  const std::string root_ = ::testing::TempDir() + "/cache";
  const FileCache cache_{root_};
};

TEST_F(FileCacheTest, BlobIsFoundByItsDigest) {
  const signing::Digest digest = signing::Digest::Of("bytes");
  EXPECT_THAT(cache_.ReadBlob(digest, 5), Eq(std::nullopt));
  cache_.KeepBlob(digest, "bytes");
  EXPECT_THAT(cache_.ReadBlob(digest, 5), Optional(StrEq("bytes")));
}

TEST_F(FileCacheTest, BlobOfOtherBytesIsNotThere) {
  const signing::Digest digest = signing::Digest::Of("bytes");
  cache_.KeepBlob(digest, "bytes");
  std::ofstream(OnlyFile()) << "bytez";
  EXPECT_THAT(cache_.ReadBlob(digest, 5), Eq(std::nullopt));
  std::ofstream(OnlyFile()) << "bytes and more";
  EXPECT_THAT(cache_.ReadBlob(digest, 5), Eq(std::nullopt));
}

TEST_F(FileCacheTest, WiderTileReplacesTheNarrower) {
  cache_.KeepTile(kOrigin, {0, 0, 7}, "seven");
  EXPECT_THAT(cache_.ReadTile(kOrigin, {0, 0, 7}), Optional(StrEq("seven")));
  EXPECT_THAT(cache_.ReadTile("other.example", {0, 0, 7}), Eq(std::nullopt));
  EXPECT_THAT(cache_.ReadTile(kOrigin, {1, 0, 7}), Eq(std::nullopt));
  cache_.KeepTile(kOrigin, {0, 0, 9}, "nine");
  EXPECT_THAT(cache_.ReadTile(kOrigin, {0, 0, 7}), Eq(std::nullopt));
  EXPECT_THAT(cache_.ReadTile(kOrigin, {0, 0, 9}), Optional(StrEq("nine")));
  cache_.KeepTile(kOrigin, {0, 0, 256}, "full");
  EXPECT_THAT(cache_.ReadTile(kOrigin, {0, 0, 9}), Eq(std::nullopt));
  EXPECT_THAT(cache_.ReadTile(kOrigin, {0, 0, 256}), Optional(StrEq("full")));
}

TEST_F(FileCacheTest, WithoutADirectoryNothingIsKept) {
  const FileCache nowhere{""};
  nowhere.KeepBlob(signing::Digest::Of("bytes"), "bytes");
  EXPECT_THAT(nowhere.ReadBlob(signing::Digest::Of("bytes"), 5),
              Eq(std::nullopt));
}

}  // namespace
}  // namespace orrery::catalog
