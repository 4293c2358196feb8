#include "cli-plugin/help/completion.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CompletionTest : public tests::CommandTest {
 protected:
  CompletionTest() {
    cache = std::string(::testing::TempDir()) + "/cache-" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(cache);
    environment["XDG_CACHE_HOME"] = cache;
    // The files are written now, whatever the fake clock says.
    clock.now = absl::Now();
  }

  // Candidates without their descriptions.
  std::string Complete(std::vector<std::string> words) {
    words.insert(words.begin(), {"__complete", "--"});
    EXPECT_EQ(Run(words), 0);
    std::string candidates;
    bool in_text = true;
    for (const char c : out) {
      if (c == '\t') in_text = false;
      if (c == '\n') in_text = true;
      if (in_text) candidates.push_back(c);
    }
    return candidates;
  }

  std::string cache;
};

TEST_F(CompletionTest, CommandsByPrefixAndNoHiddenOnes) {
  EXPECT_EQ(Complete({"s"}), "search\nshow\nstatus\nsource\n");
  EXPECT_EQ(Complete({"_"}), "");
  EXPECT_EQ(Complete({"source", "s"}), "sync\nstatus\n");
  EXPECT_EQ(Complete({"repo", "re"}), "remove\n");
}

TEST_F(CompletionTest, FlagsOfTheCommandThenOfAll) {
  EXPECT_EQ(Complete({"install", "--no-"}),
            "--no-wait\n--no-color\n--no-input\n");
  EXPECT_EQ(Complete({"list", "--no-w"}), "");
}

TEST_F(CompletionTest, ValuesOfAFlagInEitherForm) {
  EXPECT_EQ(Complete({"list", "-o", "js"}), "json\njsonl\n");
  EXPECT_EQ(Complete({"list", "--output", "y"}), "yaml\n");
  EXPECT_EQ(Complete({"list", "--output=n"}), "--output=name\n");
  EXPECT_EQ(Complete({"logs", "--stream", ""}), "stdout\nstderr\n");
}

TEST_F(CompletionTest, ValueOfAFlagIsNotTakenForACommand) {
  http.Answer("GET /v1/packages", 200, R"({"packages":[{"name":"kafka"}]})");
  EXPECT_EQ(Complete({"--server", "list", "sou"}), "source\n");
  EXPECT_EQ(Complete({"install", "--name", "list", "k"}), "kafka\n");
}

TEST_F(CompletionTest, FilesAreLeftToTheShell) {
  EXPECT_EQ(Complete({"install", "x", "--options", ""}), ":files\n");
  EXPECT_EQ(Complete({"package", "lint", ""}), ":directories\n");
}

TEST_F(CompletionTest, ChoicesOfAnArgument) {
  EXPECT_EQ(Complete({"completion", ""}), "bash\nzsh\nfish\n");
  EXPECT_EQ(Complete({"help", "inst"}), "install\n");
}

TEST_F(CompletionTest, NothingBehindTheLastArgument) {
  EXPECT_EQ(Complete({"status", "a", ""}), "");
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(CompletionTest, NamesAreAskedForOnceAMinute) {
  http.Answer("GET /v1/clusters/-/services", 200,
              R"({"services":[{"name":"kafka"},{"name":"spark"}]})");
  EXPECT_EQ(Complete({"status", ""}), "kafka\nspark\n");
  EXPECT_EQ(Complete({"logs", "s"}), "spark\n");
  EXPECT_EQ(http.requests().size(), 1u);
  clock.now += absl::Minutes(2);
  Complete({"status", ""});
  EXPECT_EQ(http.requests().size(), 2u);
}

TEST_F(CompletionTest, NetworkHasADeadline) {
  http.Answer("GET /v1/sources", 200, R"({"sources":[{"name":"u"}]})");
  EXPECT_EQ(Complete({"source", "sync", ""}), "u\n");
  EXPECT_LE(http.Last("GET /v1/sources").timeout, absl::Milliseconds(50));
  EXPECT_LE(http.Last("GET /v1/sources").connect_timeout,
            absl::Milliseconds(50));
}

TEST_F(CompletionTest, WithoutTheServerTheNamesOfLastTimeServe) {
  http.Answer("GET /v1/sources", 200, R"({"sources":[{"name":"u"}]})");
  http.Fail("GET /v1/sources", absl::UnavailableError("connection refused"));
  EXPECT_EQ(Complete({"source", "sync", ""}), "u\n");
  clock.now += absl::Hours(1);
  EXPECT_EQ(Complete({"source", "sync", ""}), "u\n");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(CompletionTest, ServersDoNotShareNames) {
  http.Answer("GET /v1/sources", 200, R"({"sources":[{"name":"u"}]})");
  http.Answer("GET /v1/sources", 200, R"({"sources":[{"name":"v"}]})");
  EXPECT_EQ(Complete({"source", "sync", ""}), "u\n");
  environment["ORRERY_SERVER"] = "http://other:1";
  EXPECT_EQ(Complete({"source", "sync", ""}), "v\n");
}

TEST_F(CompletionTest, RangesBehindAnAt) {
  http.Answer("GET /v1/packages/kafka/releases", 200,
              R"({"releases":[{"version":"2.0"},{"version":"1.0"}]})");
  EXPECT_EQ(Complete({"install", "kafka@"}), "kafka@=2.0\nkafka@=1.0\n");
  EXPECT_EQ(Complete({"install", "kafka@=1"}), "kafka@=1.0\n");
}

TEST_F(CompletionTest, ScriptsCallTheHiddenCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run({"completion", shell}), 0);
    EXPECT_THAT(out, HasSubstr("__complete --")) << shell;
  }
  EXPECT_EQ(Run({"completion", "tcsh"}), 64);
}

}  // namespace
}  // namespace orrery::cli
