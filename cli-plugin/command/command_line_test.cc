#include "cli-plugin/command/command_line.h"

#include <string>
#include <vector>

#include "cli-plugin/run.h"
#include "cli-plugin/text/problem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

const Command& Root() {
  static const Command* const kRoot = new Command(OrreryCommand());
  return *kRoot;
}

struct Placed {
  std::string name;
  Words words;
};

class FlagPositionTest : public ::testing::TestWithParam<Placed> {};

TEST_P(FlagPositionTest, GlobalFlagsWorkAnywhere) {
  const auto parsed = ParseCommandLine(Root(), GetParam().words);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->path(), ElementsAre("source", "remove"));
  EXPECT_EQ(parsed->Word("NAME"), "mine");
  EXPECT_EQ(parsed->Text("output"), "json");
  EXPECT_TRUE(parsed->Has("yes"));
}

INSTANTIATE_TEST_SUITE_P(
    Positions, FlagPositionTest,
    ::testing::Values(
        Placed{"First", {"-y", "-o", "json", "source", "remove", "mine"}},
        Placed{"BehindTheGroup",
               {"source", "--yes", "-ojson", "remove", "mine"}},
        Placed{"BehindTheCommand",
               {"source", "remove", "-y", "--output=json", "mine"}},
        Placed{"Last", {"source", "remove", "mine", "--output", "json", "-y"}},
        Placed{"Bundled", {"source", "remove", "mine", "-yojson"}},
        Placed{"BeforeDashes",
               {"source", "remove", "-y", "-ojson", "--", "mine"}},
        Placed{"BehindDashes",
               {"-y", "-ojson", "--", "source", "remove", "mine"}},
        Placed{"ByAlias", {"repo", "remove", "mine", "-y", "-ojson"}}),
    [](const auto& test) { return test.param.name; });

TEST(CommandLineTest, RepeatableFlagsKeepTheirOrderAcrossNames) {
  const Words words = {"install", "echod", "--set", "a=1",
                       "--unset", "a",     "--set", "b=2"};
  const auto parsed = ParseCommandLine(Root(), words);
  ASSERT_THAT(parsed, IsOk());
  std::vector<std::string> given;
  for (const auto& flag : parsed->flags()) {
    given.push_back(flag.name + " " + flag.value);
  }
  EXPECT_THAT(given, ElementsAre("set a=1", "unset a", "set b=2"));
}

TEST(CommandLineTest, PackageMayBeCalledLikeACommand) {
  const auto parsed = ParseCommandLine(Root(), Words{"show", "search"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->path(), ElementsAre("show"));
  EXPECT_EQ(parsed->Word("PACKAGE"), "search");
}

TEST(CommandLineTest, WordsBehindDashesAreArguments) {
  const auto parsed =
      ParseCommandLine(Root(), Words{"search", "--", "--yes", "-o"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->Words("WORD"), ElementsAre("--yes", "-o"));
  EXPECT_FALSE(parsed->Has("yes"));
}

TEST(CommandLineTest, AliasOfAFlagIsTheFlag) {
  const auto parsed =
      ParseCommandLine(Root(), Words{"install", "echod", "--app-id", "e2"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->Text("name"), "e2");
}

TEST(CommandLineTest, DashIsAValue) {
  const auto parsed =
      ParseCommandLine(Root(), Words{"install", "--options", "-", "echod"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->Text("options"), "-");
  EXPECT_EQ(parsed->Word("PACKAGE"), "echod");
}

TEST(CommandLineTest, HelpNeedsNoArguments) {
  const auto parsed = ParseCommandLine(Root(), Words{"install", "--help"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_TRUE(parsed->Has("help"));
}

TEST(CommandLineTest, SwitchesAreCounted) {
  const auto parsed = ParseCommandLine(Root(), Words{"-vv", "list", "-v"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->Count("verbose"), 3);
}

struct Refused {
  std::string name;
  Words words;
  std::string message;
};

class RefusedLineTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedLineTest, IsWrongUse) {
  const auto parsed = ParseCommandLine(Root(), GetParam().words);
  ASSERT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr(GetParam().message)));
  EXPECT_EQ(ExitCodeOf(parsed.status()), ExitCode::kUsage);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, RefusedLineTest,
    ::testing::Values(
        Refused{"UnknownCommand", {"instal", "echod"}, "did you mean install?"},
        Refused{"UnknownCommandWithFlags",
                {"lst", "-o", "json"},
                "did you mean list?"},
        Refused{"UnknownSubcommand",
                {"source", "ad"},
                "`orrery source` has no command \"ad\", did you mean add?"},
        Refused{"UnknownFlag",
                {"install", "echod", "--nme", "x"},
                "has no flag --nme, did you mean --name?"},
        Refused{"FlagOfAnotherCommand",
                {"uninstall", "kafka", "--set", "x=y"},
                "`orrery uninstall` has no flag --set"},
        Refused{"MissingArgument", {"install"}, "needs PACKAGE"},
        Refused{"TooManyArguments",
                {"status", "a", "b"},
                "does not take the argument \"b\""},
        Refused{"TooManyBehindDashes",
                {"status", "echod", "--", "--yes"},
                "does not take the argument \"--yes\""},
        Refused{"NoValue", {"list", "-o"}, "flag --output needs a value"},
        Refused{"EmptyValue", {"list", "--output=", "json"}, "has no value"},
        Refused{"SwitchWithValue",
                {"list", "--yes=perhaps"},
                "takes no value but true or false"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace orrery::cli
