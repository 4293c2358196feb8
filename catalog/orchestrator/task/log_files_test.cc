#include "catalog/orchestrator/task/log_files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/logXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    path_ = absl::StrCat(directory_, "/stdout");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& text) {
    std::ofstream(path_, std::ios::app) << text;
  }
  static std::string ReadAll(const LogFile& log, int64_t* position) {
    std::string all;
    while (true) {
      const std::string bytes = log.Read(position, 7);
      if (bytes.empty()) return all;
      all += bytes;
    }
  }

  std::string directory_;
  std::string path_;
};

TEST_F(LogFileTest, ReadsOnFromWhereItStood) {
  const LogFile log(path_, 1000, 2);
  int64_t position = 0;
  EXPECT_EQ(ReadAll(log, &position), "");
  Write("one\ntwo\n");
  EXPECT_EQ(ReadAll(log, &position), "one\ntwo\n");
  Write("three\n");
  EXPECT_EQ(ReadAll(log, &position), "three\n");
}

TEST_F(LogFileTest, RotationLosesNothingForAReader) {
  LogFile log(path_, 10, 2);
  int64_t position = 0;
  Write("0123456789abcdef\n");
  EXPECT_EQ(log.Read(&position, 4), "0123");
  log.RotateIfLarge();
  Write("after\n");
  EXPECT_EQ(ReadAll(log, &position), "456789abcdef\nafter\n");
}

TEST_F(LogFileTest, KeepsOnlySoManyFiles) {
  LogFile log(path_, 4, 3);
  for (const char* const text : {"first\n", "second\n", "third\n"}) {
    Write(text);
    log.RotateIfLarge();
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(
      names, ::testing::UnorderedElementsAre("stdout", "stdout.1", "stdout.2"));
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
}

TEST_F(LogFileTest, ReaderThatWasTooSlowGoesOnWithWhatIsLeft) {
  LogFile log(path_, 4, 2);
  Write("first\n");
  log.RotateIfLarge();
  Write("second\n");
  log.RotateIfLarge();
  int64_t position = 0;
  EXPECT_EQ(ReadAll(log, &position), "second\n");
}

struct TailCase {
  const char* content;
  int lines;
  const char* expected;
};

TEST_F(LogFileTest, TailBeginsWithTheLastLines) {
  for (const TailCase& c : std::vector<TailCase>{{"", 3, ""},
                                                 {"a\nb\nc\n", 2, "b\nc\n"},
                                                 {"a\nb\nc", 2, "b\nc"},
                                                 {"a\nb\n", 5, "a\nb\n"},
                                                 {"a\n\n\n", 2, "\n\n"},
                                                 {"a\nb\n", 0, ""}}) {
    std::ofstream(path_, std::ios::trunc) << c.content;
    const LogFile log(path_, 1000, 2);
    int64_t position = log.TailPosition(c.lines);
    EXPECT_EQ(ReadAll(log, &position), c.expected) << c.content;
  }
}

TEST_F(LogFileTest, DoesNotFollowALink) {
  std::ofstream(absl::StrCat(directory_, "/other")) << "secret";
  std::filesystem::create_symlink(absl::StrCat(directory_, "/other"), path_);
  LogFile log(path_, 1, 2);
  int64_t position = 0;
  EXPECT_EQ(log.Read(&position, 100), "");
  log.RotateIfLarge();
  EXPECT_EQ(std::filesystem::file_size(absl::StrCat(directory_, "/other")), 6u);
}

TEST(LineCutterTest, KeepsAnUnfinishedLine) {
  LineCutter cutter;
  EXPECT_THAT(cutter.Add("one\ntw"), ElementsAre("one"));
  EXPECT_THAT(cutter.Add("o\n"), ElementsAre("two"));
  EXPECT_THAT(cutter.Finish(), IsEmpty());
  EXPECT_THAT(cutter.Add("end"), IsEmpty());
  EXPECT_THAT(cutter.Finish(), ElementsAre("end"));
}

TEST(LineCutterTest, CutsAnEndlessLine) {
  LineCutter cutter;
  const std::vector<std::string> lines = cutter.Add(std::string(200000, 'x'));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].size(), 65536u);
}

TEST(ReplaceInvalidUtf8Test, KeepsTextAndReplacesTheRest) {
  EXPECT_EQ(ReplaceInvalidUtf8("plain é 漢 🙂"), "plain é 漢 🙂");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff"
                               "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(ReplaceInvalidUtf8("\xe6\xbc"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(ReplaceInvalidUtf8("\xed\xa0\x80"),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace orrery::catalog
