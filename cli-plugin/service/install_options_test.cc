#include "cli-plugin/service/install_options.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli-plugin/text/problem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InstallOptionsTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = std::string(::testing::TempDir()) + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  absl::StatusOr<InstallOptions> Build(
      const std::vector<Invocation::Given>& flags) {
    const auto config = registry::ParseJson(
        R"({"properties":{"mem":{"type":"integer"},
                          "text":{"type":"string"}}})");
    return BuildInstallOptions(flags, config->root, [] { return "{}"; });
  }

  std::string Built(const std::vector<Invocation::Given>& flags) {
    const auto built = Build(flags);
    return built.ok() ? registry::WriteJson(built->options)
                      : std::string(built.status().message());
  }
};

TEST_F(InstallOptionsTest, NothingGivenIsAnEmptyObject) {
  EXPECT_EQ(Built({}), "{}");
}

TEST_F(InstallOptionsTest, LaterFileWinsAndArraysAreReplaced) {
  const std::string one = Write("one.json", R"({"a":[1,2],"b":{"c":1.0}})");
  const std::string two = Write("two.json", R"({"a":[3],"b":{"d":2}})");
  EXPECT_EQ(Built({{"options", one}, {"options", two}}),
            R"({"a":[3],"b":{"c":1.0,"d":2}})");
}

TEST_F(InstallOptionsTest, SingleOptionsComeAfterFilesInTheirOrder) {
  const std::string file = Write("f.json", R"({"mem":1,"x":1})");
  EXPECT_EQ(Built({{"set", "mem=2"},
                   {"unset", "x"},
                   {"options", file},
                   {"set", "text=007"}}),
            R"({"mem":2,"text":"007"})");
}

TEST_F(InstallOptionsTest, ValueOfAnotherTypeIsLeftToTheServersJudgement) {
  EXPECT_EQ(Built({{"set", "mem=much"}}), R"({"mem":"much"})");
}

TEST_F(InstallOptionsTest, UnsetOfNothingIsWarnedOf) {
  const auto built = Build({{"unset", "mem"}});
  ASSERT_THAT(built, IsOk());
  EXPECT_THAT(built->warnings,
              ElementsAre("--unset mem changes nothing: it was not set"));
}

TEST_F(InstallOptionsTest, UnsetOfAnUnknownOptionIsAMistake) {
  EXPECT_THAT(Build({{"unset", "mme"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mem")));
}

struct BadFile {
  std::string name;
  std::string text;
  std::string message;
};

class BadOptionsFileTest : public InstallOptionsTest,
                           public ::testing::WithParamInterface<BadFile> {};

TEST_P(BadOptionsFileTest, IsWrongUseAndNamed) {
  const std::string path = Write(GetParam().name + ".json", GetParam().text);
  const auto built = Build({{"options", path}});
  ASSERT_FALSE(built.ok());
  EXPECT_EQ(ExitCodeOf(built.status()), ExitCode::kUsage);
  EXPECT_THAT(std::string(built.status().message()),
              HasSubstr("options file " + path + ": "));
  EXPECT_THAT(std::string(built.status().message()),
              HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadOptionsFileTest,
    ::testing::Values(
        BadFile{"Empty", "", "empty"},
        BadFile{"KeyTwice", "{\"a\":{\"b\":1,\n\"b\":2}}", "twice"},
        BadFile{"TrailingComma", "{\"a\":1,}", "line 1, column "},
        BadFile{"Comment", "{\"a\":1} // x", "comment"},
        BadFile{"Yaml", "service:\n  mem: 1\n", "YAML"},
        BadFile{"TwoDocuments", "{} {}", "line 1, column "},
        BadFile{"TooLarge", std::string((1 << 20) + 1, ' '), "1 MiB"},
        BadFile{"ArrayAtTheRoot", "[1]", "object"},
        BadFile{"Utf16", std::string("\xFF\xFE{\0}\0", 6), "UTF-16"}),
    [](const auto& test) { return test.param.name; });

TEST_F(InstallOptionsTest, ByteOrderMarkAndCarriageReturnsAreAccepted) {
  const std::string path =
      Write("bom.json", "\xEF\xBB\xBF{\r\n\"a\": 1\r\n}\r\n");
  EXPECT_EQ(Built({{"options", path}}), R"({"a":1})");
}

TEST_F(InstallOptionsTest, DirectoryAndMissingFileAreNamed) {
  EXPECT_EQ(Built({{"options", "/tmp"}}), "options file /tmp is a directory");
  EXPECT_EQ(Built({{"options", "/no/such.json"}}),
            "options file /no/such.json does not exist");
}

TEST_F(InstallOptionsTest, StandardInputCanBeReadOnce) {
  EXPECT_EQ(Built({{"options", "-"}}), "{}");
  EXPECT_EQ(Built({{"options", "-"}, {"options", "-"}}),
            "--options - can be given only once");
}

TEST_F(InstallOptionsTest, AssignmentWithoutEqualsSignIsWrongUse) {
  const auto built = Build({{"set", "mem"}});
  ASSERT_FALSE(built.ok());
  EXPECT_EQ(ExitCodeOf(built.status()), ExitCode::kUsage);
}

}  // namespace
}  // namespace orrery::cli
