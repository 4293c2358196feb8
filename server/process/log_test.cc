#include "server/process/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

absl::Time Moment() { return absl::FromUnixMillis(1700000000123); }

TEST(LogTest, JsonLineHasItsFields) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, Moment(), LogLevel::kWarn, "http",
                          "a\n\"b\"",
                          {{"status", int64_t{200}},
                           {"ms", 1.5},
                           {"route", std::string("/x")}}),
            R"({"ts":"2023-11-14T22:13:20.123Z","level":"warn",)"
            R"("logger":"http","msg":"a\n\"b\"","status":200,"ms":1.500,)"
            "\"route\":\"/x\"}\n");
}

TEST(LogTest, FractionsHaveThreeDigits) {
  const std::pair<double, std::string> cases[] = {
      {0, "0.000"},
      {0.0004, "0.000"},
      {0.0116, "0.012"},
      {0.9996, "1.000"},
      {12.05, "12.050"},
      {-1.5, "-1.500"},
      {123456.789, "123456.789"},
      {1e18, "1000000000000000000.000"},
      {std::nan(""), "nan"}};
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(FormatLogLine(LogFormat::kText, Moment(), LogLevel::kInfo, "l",
                            "m", {{"n", number}}),
              "2023-11-14T22:13:20.123Z info l: m n=" + text + "\n");
  }
}

TEST(LogTest, TextLineStaysOneLine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, Moment(), LogLevel::kInfo, "main",
                          "ready\nforged", {{"pid", int64_t{7}}}),
            "2023-11-14T22:13:20.123Z info main: ready\\nforged pid=7\n");
}

class LogFileTest : public ::testing::Test {
 protected:
  ~LogFileTest() override { close(descriptor_); }

  std::string Lines() {
    std::ifstream file(path_);
    std::string text;
    for (std::string line; std::getline(file, line);) {
      text += line.substr(line.find(": ") + 2) + ";";
    }
    return text;
  }

  const std::string path_ = ::testing::TempDir() + "/log_test_file";
  const int descriptor_ =
      open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Log::Options options_{.descriptor = descriptor_, .format = LogFormat::kText};
};

TEST_F(LogFileTest, LaterLinesComeInOrderBeforeTheNextOther) {
  const Log log(options_);
  log.InfoLater("http", "one");
  EXPECT_EQ(Lines(), "");
  log.Warn("http", "two");
  EXPECT_EQ(Lines(), "one;two;");
  log.InfoLater("http", "three");
  log.Flush();
  EXPECT_EQ(Lines(), "one;two;three;");
}

TEST_F(LogFileTest, LaterLinesComeWhenThereAreMany) {
  const Log log(options_);
  for (int i = 0; i < 400; ++i) log.InfoLater("http", "request");
  EXPECT_GT(Lines().size(), 100 * 8);
}

TEST_F(LogFileTest, NoLineIsLostAtTheEnd) {
  { Log(options_).InfoLater("http", "last"); }
  EXPECT_EQ(Lines(), "last;");
}

}  // namespace
}  // namespace orrery::server
