#include "registry/git/clone_directory.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

class CloneDirectoryTest : public ::testing::Test {
 protected:
  CloneDirectoryTest() {
    fs::remove_all(path_);
    Write("HEAD", "ref: refs/heads/main\n");
    Write("config", "[core]\n\tbare = true\n");
    Write("refs/heads/main", std::string(40, 'a') + "\n");
    Write("objects/pack/pack-1.pack", "0123456789");
    Write("objects/pack/pack-1.idx", "index");
  }

  void Write(const std::string& name, const std::string& bytes) {
    const fs::path file = path_ + "/" + name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << bytes;
  }
  bool Has(const std::string& name) { return fs::exists(path_ + "/" + name); }

  const std::string path_ = absl::StrCat(::testing::TempDir(), "clone");
};

TEST_F(CloneDirectoryTest, WhatLacksAPartIsNoClone) {
  EXPECT_TRUE(IsClone(path_));
  for (const char* part : {"HEAD", "config", "objects", "refs"}) {
    const std::string name = path_ + "/" + part;
    fs::rename(name, name + ".away");
    EXPECT_FALSE(IsClone(path_)) << part;
    fs::rename(name + ".away", name);
  }
  Write("HEAD", std::string("\0\0\0", 3));
  EXPECT_FALSE(IsClone(path_));
  fs::remove_all(path_);
  std::ofstream(path_) << "a file";
  EXPECT_FALSE(IsClone(path_));
}

TEST_F(CloneDirectoryTest, LeftoversOfAKilledGitGoAndTheRestStays) {
  const char* leftovers[] = {"HEAD.lock",
                             "config.lock",
                             "refs/heads/x/a.lock",
                             "packed-refs.lock",
                             "shallow.lock",
                             "objects/pack/tmp_pack_abc",
                             "objects/pack/.tmp-7-pack-x.idx",
                             "objects/pack/pack-1.keep",
                             "objects/pack/pack-2.pack",
                             "objects/pack/pack-3.idx",
                             "objects/pack/pack-4.rev",
                             "objects/ab/tmp_obj_x"};
  for (const char* leftover : leftovers) Write(leftover, "x");
  TidyClone(path_, {"refs/heads/main"});
  for (const char* leftover : leftovers) EXPECT_FALSE(Has(leftover));
  for (const char* kept :
       {"HEAD", "config", "refs/heads/main", "objects/pack/pack-1.pack",
        "objects/pack/pack-1.idx"}) {
    EXPECT_TRUE(Has(kept)) << kept;
  }
}

TEST_F(CloneDirectoryTest, OnlyFollowedRefsThatHoldANameStay) {
  Write("refs/heads/old", std::string(40, 'b') + "\n");
  Write("refs/heads/a/b", std::string(40, 'c') + "\n");
  Write("refs/heads/empty", "");
  Write("refs/tags/torn", std::string(17, 'd'));
  TidyClone(path_, {"refs/heads/main", "refs/heads/empty", "refs/tags/torn"});
  EXPECT_TRUE(Has("refs/heads/main"));
  for (const char* gone : {"refs/heads/old", "refs/heads/a", "refs/heads/empty",
                           "refs/tags/torn"}) {
    EXPECT_FALSE(Has(gone)) << gone;
  }
  TidyClone(path_, {});
  EXPECT_TRUE(IsClone(path_));
}

TEST_F(CloneDirectoryTest, PacksAreCountedAndTheNoteIsKept) {
  Write("objects/pack/pack-2.pack", "0123");
  EXPECT_EQ(UsageOf(path_).packs, 2);
  EXPECT_EQ(UsageOf(path_).bytes, 14U);
  EXPECT_EQ(NotedBytes(path_), std::nullopt);
  NoteBytes(path_, 14);
  EXPECT_EQ(NotedBytes(path_), 14U);
}

}  // namespace
}  // namespace orrery::registry
