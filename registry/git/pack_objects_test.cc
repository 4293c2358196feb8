#include "registry/git/pack_objects.h"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using tests::GitFixture;

constexpr uint64_t kMaxBytes = uint64_t{1} << 20;

class PackObjectsTest : public ::testing::Test {
 protected:
  PackObjectsTest()
      : git_(absl::StrCat(
            ::testing::TempDir(), "pack_objects",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {}

  // A commit of files that differ by little, which git makes from each other.
  void CommitSimilar(int files, const std::string& word) {
    GitFixture::Files tree;
    for (int i = 0; i < files; ++i) {
      std::string text;
      for (int line = 0; line < 300; ++line) {
        absl::StrAppend(&text, "line ", line * line % 977, " of the file\n");
        if (line % 60 == i % 60) absl::StrAppend(&text, word, " ", i, "\n");
      }
      const std::string bytes = text;
      blobs_[git_.WriteBlob(bytes)] = bytes;
      tree[absl::StrCat("f", i)].bytes = bytes;
    }
    commits_.push_back(git_.Commit("main", tree));
  }

  void Pack(const std::string& options) {
    const std::string command = absl::StrCat(
        "git -C ", git_.path(), " -c safe.directory='*' ", options);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  std::string PackPath(const std::string& extension) const {
    for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
      if (entry.path().extension() == extension) return entry.path().string();
    }
    return "";
  }
  std::string Folder() const { return git_.path() + "/objects/pack"; }

  std::unique_ptr<ObjectReader> Reader(uint64_t max_bytes = kMaxBytes) {
    return NewPackObjects(git_.path() + "/objects", max_bytes);
  }

  static ObjectId Id(const std::string& hex) {
    return *ObjectId::ParseHex(hex);
  }

  void ExpectAll(ObjectReader& reader) {
    for (const auto& [hex, bytes] : blobs_) {
      const auto header = reader.ReadHeader(Id(hex));
      ASSERT_THAT(header, IsOk());
      EXPECT_EQ(header->type, ObjectType::kBlob);
      EXPECT_EQ(header->size, bytes.size());
      const auto blob = reader.Read(Id(hex));
      ASSERT_THAT(blob, IsOk());
      EXPECT_EQ(blob->type, ObjectType::kBlob);
      EXPECT_EQ(blob->bytes, bytes);
    }
    for (const std::string& commit : commits_) {
      const auto read = reader.Read(Id(commit));
      ASSERT_THAT(read, IsOk());
      EXPECT_EQ(read->type, ObjectType::kCommit);
      EXPECT_TRUE(absl::StartsWith(read->bytes, "tree "));
    }
  }

  GitFixture git_;
  std::map<std::string, std::string> blobs_;
  std::vector<std::string> commits_;
};

TEST_F(PackObjectsTest, AllWaysInWhichGitPacksAreRead) {
  CommitSimilar(60, "one");
  CommitSimilar(60, "two");
  for (const char* options : {
           "repack -q -a -d -f --depth=50 --window=50",
           "-c repack.useDeltaBaseOffset=false repack -q -a -d -f --depth=50 "
           "--window=50",
           "-c pack.indexVersion=1 repack -q -a -d -f",
           "repack -q -a -d -F --depth=0",
           "repack -q -a -d -f --write-bitmap-index",
       }) {
    Pack(options);
    const std::unique_ptr<ObjectReader> reader = Reader();
    ExpectAll(*reader);
    // From what is known of the bases, too.
    ExpectAll(*reader);
    EXPECT_THAT(reader->Read(Id(std::string(40, 'a'))),
                StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(reader->ReadHeader(Id(std::string(40, '0'))),
                StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_F(PackObjectsTest, PacksThatComeAreFoundAndThoseThatGoStayReadable) {
  CommitSimilar(5, "one");
  Pack("repack -q -d");
  const std::unique_ptr<ObjectReader> reader = Reader();
  ExpectAll(*reader);
  CommitSimilar(5, "two");
  Pack("repack -q -d");
  EXPECT_THAT(reader->Read(Id(commits_.back())),
              StatusIs(absl::StatusCode::kNotFound));
  reader->Refresh();
  ExpectAll(*reader);
  std::filesystem::remove_all(Folder());
  ExpectAll(*reader);
}

TEST_F(PackObjectsTest, FilesCutShortWhileTheyAreReadAreDataLoss) {
  CommitSimilar(60, "one");
  Pack("repack -q -a -d -F --depth=0");
  for (const char* extension : {".pack", ".idx"}) {
    const std::string path = PackPath(extension);
    const uintmax_t size = std::filesystem::file_size(path);
    std::filesystem::copy_file(path, path + ".whole");
    for (const uintmax_t left : {size - 1, size / 2, uintmax_t{0}}) {
      const std::unique_ptr<ObjectReader> reader = Reader();
      ASSERT_THAT(reader->Read(Id(commits_.back())), IsOk());
      ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
      std::filesystem::resize_file(path, left);
      for (const auto& [hex, bytes] : blobs_) {
        const auto blob = reader->Read(Id(hex));
        if (blob.ok()) {
          EXPECT_EQ(blob->bytes, bytes);
        } else {
          EXPECT_THAT(blob, StatusIs(absl::StatusCode::kDataLoss));
        }
      }
      std::filesystem::remove(path);
      std::filesystem::copy_file(path + ".whole", path);
    }
  }
}

TEST_F(PackObjectsTest, EveryDamagedByteIsDataLossOrHarmless) {
  CommitSimilar(3, "one");
  Pack("repack -q -a -d -f");
  for (const char* extension : {".pack", ".idx"}) {
    const std::string path = PackPath(extension);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    std::FILE* const file = std::fopen(path.c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    const auto size = static_cast<long>(std::filesystem::file_size(path));
    for (long place = 0; place < size; ++place) {
      std::fseek(file, place, SEEK_SET);
      const int byte = std::fgetc(file);
      for (const int damage : {0xff, 0x80, 0x01}) {
        std::fseek(file, place, SEEK_SET);
        std::fputc(byte ^ damage, file);
        std::fflush(file);
        const std::unique_ptr<ObjectReader> reader = Reader();
        for (const auto& [hex, bytes] : blobs_) {
          reader->ReadHeader(Id(hex)).IgnoreError();
          reader->Read(Id(hex)).IgnoreError();
        }
      }
      std::fseek(file, place, SEEK_SET);
      std::fputc(byte, file);
      std::fflush(file);
    }
    std::fclose(file);
  }
  ExpectAll(*Reader());
}

TEST_F(PackObjectsTest, LargerThanAllowedIsNotPutTogether) {
  CommitSimilar(3, "one");
  Pack("repack -q -a -d");
  const std::string& hex = blobs_.begin()->first;
  EXPECT_THAT(Reader(100)->Read(Id(hex)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Reader(100)->ReadHeader(Id(hex)), IsOk());
}

TEST_F(PackObjectsTest, PipesAreNoPacks) {
  CommitSimilar(3, "one");
  Pack("repack -q -a -d");
  for (const char* extension : {".pack", ".idx"}) {
    const std::string path = PackPath(extension);
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_FALSE(Reader()->Read(Id(commits_.back())).ok());
  }
}

}  // namespace
}  // namespace orrery::registry
