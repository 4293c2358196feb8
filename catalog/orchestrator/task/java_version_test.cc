#include "catalog/orchestrator/task/java_version.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

TEST(JavaMajorTest, OldAndNewFormsAreRead) {
  const struct {
    const char* version;
    const char* major;
  } kRows[] = {{"17.0.15", "17"}, {"17.0.21.1", "17"}, {"1.8.0_392", "8"},
               {"1.8", "8"},      {"21", "21"},        {"11-ea", "11"},
               {"", ""},          {"none", ""}};
  for (const auto& row : kRows) {
    EXPECT_EQ(JavaMajor(row.version), row.major) << row.version;
  }
}

class JavaVersionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "jvm/bin");
    std::filesystem::create_directories(folder_ / "bin");
  }

  void Write(const std::string& place, const std::string& text) {
    std::ofstream(folder_ / place) << text;
    std::filesystem::permissions(folder_ / place,
                                 std::filesystem::perms::owner_all);
  }
  void Link(const std::string& from, const std::string& to) {
    std::filesystem::create_symlink(folder_ / to, folder_ / from);
  }
  std::string Path() const {
    return (folder_ / "none").string() + ":" + (folder_ / "bin").string();
  }

  std::filesystem::path folder_;
};

TEST_F(JavaVersionTest, ReleaseFileBehindTheLinkSaysIt) {
  Write("jvm/bin/java", "#!/bin/sh\nexit 1\n");
  Write("jvm/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
  Link("bin/java", "jvm/bin/java");
  EXPECT_EQ(JavaVersion(Path()).Get(), "17");
}

TEST_F(JavaVersionTest, WithoutTheFileTheProgramIsAsked) {
  Write("jvm/bin/java",
        "#!/bin/sh\necho '    java.specification.version = 1.8' >&2\n");
  Link("bin/java", "jvm/bin/java");
  EXPECT_EQ(JavaVersion(Path()).Get(), "8");
}

TEST_F(JavaVersionTest, WhatIsInstalledLaterIsFound) {
  JavaVersion java(Path());
  EXPECT_EQ(java.Get(), "");
  Write("jvm/bin/java", "#!/bin/sh\nexit 1\n");
  Write("jvm/release", "JAVA_VERSION=\"21\"\n");
  Link("bin/java", "jvm/bin/java");
  EXPECT_EQ(java.Get(), "21");
}

}  // namespace
}  // namespace orrery::catalog
