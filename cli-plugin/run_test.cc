#include "cli-plugin/run.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RunTest : public tests::CommandTest {};

TEST_F(RunTest, BareCommandShowsHelp) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_THAT(out, HasSubstr("Commands:\n  search "));
  EXPECT_THAT(out, HasSubstr("\n  man "));
  EXPECT_THAT(out, Not(HasSubstr("__complete")));
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(RunTest, HelpBeginsWithExamplesBeforeUsage) {
  EXPECT_EQ(Run({"install", "--help"}), 0);
  EXPECT_LT(out.find("Examples:"), out.find("Usage:"));
  EXPECT_THAT(out, HasSubstr("orrery install [FLAGS] PACKAGE...\n"));
}

TEST_F(RunTest, HelpOfACommandAndOfATopic) {
  EXPECT_EQ(Run({"help", "source", "add"}), 0);
  EXPECT_THAT(out, HasSubstr("orrery source add [FLAGS] NAME URL"));
  EXPECT_EQ(Run({"help", "exit-codes"}), 0);
  EXPECT_THAT(out, HasSubstr("130  interrupted"));
  EXPECT_EQ(Run({"help", "exit-code"}), 64);
  EXPECT_THAT(err, HasSubstr("did you mean exit-codes?"));
}

TEST_F(RunTest, VersionInEveryForm) {
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_EQ(out, "orrery 0.1.0\n");
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out, "orrery 0.1.0\n");
  EXPECT_EQ(Run({"version", "-o", "yaml"}), 0);
  EXPECT_EQ(out, "name: orrery\nversion: \"0.1.0\"\n");
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(RunTest, UnreachableServerIsExplained) {
  http.Fail("GET /v1/clusters/-/services",
            absl::UnavailableError("connection refused"));
  EXPECT_EQ(Run({"list"}), 1);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(err, StartsWith("orrery: cannot reach orreryd at "
                              "http://127.0.0.1:7070: connection refused; "
                              "start it with"));
}

TEST_F(RunTest, ErrorsAreOneJsonLineWhenOutputIs) {
  http.Answer("GET /v1/clusters/local/services/kaf", 404,
              R"({"type":"about:blank","title":"Not Found","status":404,
                  "code":"NOT_FOUND","reason":"NOT_FOUND",
                  "detail":"no service kaf","errors":[],
                  "metadata":{"did_you_mean":"kafka"},"request_id":"r-1"})");
  EXPECT_EQ(Run({"-ojson", "status", "kaf"}), 3);
  EXPECT_THAT(out, IsEmpty());
  const auto problem = registry::ParseJson(err);
  ASSERT_TRUE(problem.ok()) << err;
  EXPECT_EQ(problem->root.FindString("detail"), "no service kaf");
  EXPECT_EQ(problem->root.Find("exit_code")->AsInteger(), 3);
  EXPECT_EQ(err.find('\n'), err.size() - 1);
}

TEST_F(RunTest, WrongUseIsJsonTooWhenOutputIs) {
  EXPECT_EQ(Run({"lst", "--json"}), 64);
  EXPECT_TRUE(registry::ParseJson(err).ok()) << err;
}

TEST_F(RunTest, SuggestionAndRequestIdAreTold) {
  http.Answer("GET /v1/clusters/local/services/kaf", 404,
              R"({"title":"Not Found","code":"NOT_FOUND",
                  "detail":"no service kaf",
                  "metadata":{"did_you_mean":"kafka"},"request_id":"r-1"})");
  EXPECT_EQ(Run({"status", "kaf"}), 3);
  EXPECT_EQ(err, "orrery: no service kaf; did you mean kafka? (request r-1)\n");
}

struct Answered {
  std::string name;
  int status;
  std::string body;
  int exit;
};

class ExitCodeTest : public tests::CommandTest,
                     public ::testing::WithParamInterface<Answered> {};

TEST_P(ExitCodeTest, FollowsTheProblem) {
  http.Answer("GET /v1/clusters/-/services", GetParam().status,
              GetParam().body);
  EXPECT_EQ(Run({"list"}), GetParam().exit);
  EXPECT_THAT(out, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Problems, ExitCodeTest,
    ::testing::Values(
        Answered{"NotFound", 404, R"({"detail":"x","code":"NOT_FOUND"})", 3},
        Answered{"Conflict", 409, R"({"detail":"x","code":"ABORTED"})", 4},
        Answered{"Precondition", 409,
                 R"({"detail":"x","code":"FAILED_PRECONDITION"})", 4},
        Answered{"EtagMismatch", 412, R"({"detail":"x"})", 4},
        Answered{"Unauthenticated", 401, R"({"detail":"x"})", 5},
        Answered{"Denied", 403, R"({"detail":"x","code":"PERMISSION_DENIED"})",
                 5},
        Answered{"BadRequest", 400, R"({"detail":"x"})", 64},
        Answered{"Unavailable", 503, R"({"detail":"x"})", 1},
        Answered{"Internal", 500, R"({"detail":"x","code":"INTERNAL"})", 1},
        Answered{"HtmlOfAProxy", 502, "<html>", 1},
        Answered{"OptionsInvalid", 409,
                 R"({"detail":"x","reason":"OPTIONS_INVALID"})", 4},
        Answered{"UnknownOption", 400,
                 R"({"detail":"x","reason":"UNKNOWN_OPTION"})", 64},
        Answered{"NotJson", 200, "<html>", 1},
        Answered{"JsonOfAnotherServer", 200, "{\"hello\":1}", 1}),
    [](const auto& test) { return test.param.name; });

TEST_F(RunTest, InterruptedRequestEndsWith130) {
  http.Fail("GET /v1/clusters/-/services", absl::CancelledError("interrupted"));
  EXPECT_EQ(Run({"list"}), 130);
}

TEST_F(RunTest, ServerComesFromFlagThenEnvironment) {
  environment["ORRERY_SERVER"] = "http://env:1/";
  http.Answer("GET /v1/clusters/-/services", 200, R"({"services":[]})");
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_EQ(http.Last("GET /v1/clusters/-/services").url,
            "http://env:1/v1/clusters/-/services?page_size=1000");
  EXPECT_EQ(Run({"--server", "https://flag:2", "list"}), 0);
  EXPECT_EQ(http.Last("GET /v1/clusters/-/services").url,
            "https://flag:2/v1/clusters/-/services?page_size=1000");
}

TEST_F(RunTest, FormatOfTheLastFlagCounts) {
  http.Answer("GET /v1/clusters/-/services", 200, R"({"services":[]})");
  Run({"--json", "-o", "yaml", "list"});
  EXPECT_EQ(out, "services: []\n");
  Run({"-o=yaml", "list", "--json"});
  EXPECT_EQ(out, "{\n  \"services\": []\n}\n");
}

TEST_F(RunTest, TextsForPeopleAreOneDocumentInJson) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"--help"},
                                             {"help"},
                                             {"help", "exit-codes"},
                                             {"list", "--help"},
                                             {"completion", "bash"}}) {
    std::vector<std::string> as_json = words;
    as_json.push_back("-o=json");
    ASSERT_EQ(Run(words), 0);
    const std::string text = out;
    ASSERT_EQ(Run(as_json), 0);
    const auto document = registry::ParseJson(out);
    ASSERT_TRUE(document.ok()) << out;
    EXPECT_EQ(document->root.FindString("text"), text);
  }
}

// The command lines that name every visible command, its arguments filled in.
void AddLeaves(const Command& command, std::vector<std::string> words,
               std::vector<std::vector<std::string>>* leaves) {
  if (command.run != nullptr) {
    for (const Argument& argument : command.arguments) {
      if (argument.required) words.push_back("bash");
    }
    leaves->push_back(words);
  }
  for (const Command& sub : command.subcommands) {
    if (sub.hidden) continue;
    words.push_back(sub.name);
    AddLeaves(sub, words, leaves);
    words.pop_back();
  }
}

void ExpectJsonLines(const std::string& text) {
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(registry::ParseJson(line).ok()) << line;
  }
}

TEST_F(RunTest, EveryCommandSpeaksJsonAlsoWithoutAServer) {
  working_directory = ::testing::TempDir();
  std::vector<std::vector<std::string>> leaves;
  AddLeaves(root, {}, &leaves);
  ASSERT_GE(leaves.size(), 19);
  for (std::vector<std::string>& words : leaves) {
    words.insert(words.end(), {"-o", "json", "--yes"});
    SCOPED_TRACE(absl::StrJoin(words, " "));
    const int code = Run(words);
    if (code == 0) {
      EXPECT_TRUE(registry::ParseJson(out).ok()) << out;
    } else if (code > 1) {
      EXPECT_THAT(out, IsEmpty());
    }
    ExpectJsonLines(err);
    words.push_back("--help");
    EXPECT_EQ(Run(words), 0);
    EXPECT_TRUE(registry::ParseJson(out).ok()) << out;
    EXPECT_THAT(err, IsEmpty());
  }
}

struct WrongSetting {
  std::string name;
  std::vector<std::string> words;
};

class WrongSettingTest : public tests::CommandTest,
                         public ::testing::WithParamInterface<WrongSetting> {};

TEST_P(WrongSettingTest, IsWrongUseAndSendsNothing) {
  EXPECT_EQ(Run(GetParam().words), 64);
  EXPECT_THAT(http.requests(), IsEmpty());
  EXPECT_THAT(out, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Settings, WrongSettingTest,
    ::testing::Values(WrongSetting{"Format", {"list", "-o", "xml"}},
                      WrongSetting{"Color", {"list", "--color", "blue"}},
                      WrongSetting{"Server", {"list", "--server", "host:1"}},
                      WrongSetting{"Timeout", {"list", "--timeout", "10"}},
                      WrongSetting{"Package", {"show", "Kafka"}},
                      WrongSetting{"Range", {"show", "kafka@>= 1.0"}},
                      WrongSetting{"Release", {"show", "kafka@release=x"}}),
    [](const auto& test) { return test.param.name; });

TEST_F(RunTest, NoColourIntoAFileUnlessForced) {
  http.Answer("GET /v1/clusters/-/services", 200,
              R"({"services":[{"name":"kafka","state":"running"}]})");
  Run({"list"});
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  Run({"list", "--color", "always"});
  EXPECT_THAT(out, HasSubstr("\x1b[32mrunning\x1b[0m"));
  out_is_terminal = true;
  Run({"list"});
  EXPECT_THAT(out, HasSubstr("\x1b[32mrunning\x1b[0m"));
  environment["NO_COLOR"] = "1";
  Run({"list"});
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  Run({"list", "--color=always"});
  EXPECT_THAT(out, HasSubstr("\x1b"));
}

TEST_F(RunTest, NarrowTerminalCutsTheTableButNotTheFile) {
  const char* const long_description =
      R"({"packages":[{"name":"kafka","version":"1","description":
         "a very long description that no narrow terminal can show"}]})";
  http.Answer("GET /v1/packages", 200, long_description);
  width = 40;
  Run({"search"});
  EXPECT_THAT(out, HasSubstr("that no narrow terminal can show\n"));
  out_is_terminal = true;
  Run({"search", "--no-color"});
  EXPECT_THAT(out, HasSubstr("\xE2\x80\xA6\n"));
}

TEST_F(RunTest, ControlCharactersOfPackagesDoNotReachTheTerminal) {
  http.Answer("GET /v1/packages", 200,
              "{\"packages\":[{\"name\":\"kafka\",\"version\":\"1\","
              "\"description\":\"\\u001b]0;owned\\u0007\"}]}");
  Run({"search"});
  EXPECT_THAT(out, HasSubstr("]0;owned\n"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace orrery::cli
