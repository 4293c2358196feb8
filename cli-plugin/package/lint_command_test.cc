#include "cli-plugin/package/lint_command.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPackage[] =
    R"({"packagingVersion":"4.0","name":"echod","version":"1.0",
        "maintainer":"me@example.com","description":"Echoes.",
        "tags":["demo"]})";

class LintCommandTest : public tests::CommandTest {
 protected:
  LintCommandTest() {
    working_directory =
        std::string(::testing::TempDir()) + "/" +
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(working_directory);
    std::filesystem::create_directories(working_directory);
  }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = working_directory + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
};

TEST_F(LintCommandTest, ImportAcceptsAGoodReleaseWithoutAServer) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 0) << out;
  EXPECT_THAT(out, HasSubstr("1 release, 0 errors"));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(LintCommandTest, BrokenJsonFailsWithPathAndLine) {
  Write("repo/packages/E/echod/0/package.json", "{\n  \"name\": \n}");
  EXPECT_EQ(Run({"package", "lint", ".", "-o", "json"}), 1);
  const auto report = registry::ParseJson(out);
  ASSERT_TRUE(report.ok()) << out;
  EXPECT_EQ(report->root.Find("refused")->AsInteger(), 1);
  const auto& findings = report->root.Find("findings")->items();
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].FindString("path"),
            "repo/packages/E/echod/0/package.json");
  EXPECT_EQ(findings[0].FindString("severity"), "error");
  EXPECT_EQ(findings[0].Find("line")->AsInteger(), 3);
}

TEST_F(LintCommandTest, OneReleaseDirectoryIsEnough) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  working_directory += "/repo/packages/E/echod";
  EXPECT_EQ(Run({"package", "lint", "0", "--profile", "import"}), 0) << out;
  EXPECT_THAT(out, HasSubstr("1 release, 0 errors"));
}

TEST_F(LintCommandTest, SymbolicLinkRefusesTheReleaseAndIsNotFollowed) {
  Write("secret", "{}");
  Write("repo/packages/E/echod/0/package.json", kPackage);
  std::filesystem::create_symlink(
      working_directory + "/secret",
      working_directory + "/repo/packages/E/echod/0/config.json");
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 1);
  EXPECT_THAT(out, HasSubstr("1 refused"));
}

TEST_F(LintCommandTest, LinkInThePlaceOfAFolderIsRefusedAsBySources) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  const std::string packages = working_directory + "/repo/packages/";
  std::filesystem::create_symlink("0", packages + "E/echod/1");
  std::filesystem::create_symlink("echod", packages + "E/link");
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 1);
  EXPECT_THAT(out, HasSubstr("repo/packages/E/echod/1: error content.path: it "
                             "is a symbolic link\n"));
  EXPECT_THAT(out, HasSubstr("repo/packages/E/link: error content.path: it is "
                             "a symbolic link\n"));
  EXPECT_THAT(out, HasSubstr("2 refused"));
}

TEST_F(LintCommandTest, LabelThatNoRecordCanHaveIsRefusedAsBySources) {
  std::string package = kPackage;
  const size_t label = package.find("\"version\"");
  ASSERT_NE(label, package.npos);
  const size_t begin = package.find('"', package.find(':', label)) + 1;
  package.replace(begin, package.find('"', begin) - begin,
                  std::string(65, '1'));
  Write("repo/packages/E/echod/0/package.json", package);
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 1);
  EXPECT_THAT(out, HasSubstr("repo/packages/E/echod/0: error content.identity: "
                             "no record can say what it is: "));
  EXPECT_THAT(out, HasSubstr("1 refused"));
}

TEST_F(LintCommandTest, TemplateIsRenderedWithTheDefaults) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  Write("repo/packages/E/echod/0/config.json",
        R"({"type": "object",
            "properties": {"mem": {"type": "integer", "default": 32}}})");
  Write("repo/packages/E/echod/0/marathon.json.mustache",
        "{\n  \"id\": \"echod\",\n  \"mem\": {{mme}}\n}\n");
  EXPECT_EQ(Run({"package", "lint", "."}), 1);
  EXPECT_THAT(
      out, HasSubstr("repo/packages/E/echod/0/marathon.json.mustache:3: warn "
                     "template-unresolved: {{mme}} names no option, so it "
                     "always prints nothing; did you mean {{mem}}?"));
  EXPECT_THAT(out,
              HasSubstr("repo/packages/E/echod/0/marathon.json.mustache:4: "
                        "error render-fails: the rendered text is not JSON"));
  EXPECT_THAT(out, HasSubstr("1 release, 1 error"));
  EXPECT_THAT(out, HasSubstr("1 refused"));
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 0) << out;
  EXPECT_THAT(out, HasSubstr("warn render-fails"));
}

TEST_F(LintCommandTest, OptionsOfAUserAreRenderedAndTheAppPrinted) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  Write("repo/packages/E/echod/0/config.json",
        R"({"type": "object",
            "properties": {"name": {"type": "string", "default": "echod"}}})");
  Write("repo/packages/E/echod/0/marathon.json.mustache",
        "{\n  \"id\": \"{{name}}\",\n  \"cmd\": \"echo\"\n}\n");
  Write("mine.json", R"({"name": "mine"})");
  Write("bad.json", R"({"name": "my_own"})");
  const std::string release = "repo/packages/E/echod/0";
  ASSERT_EQ(Run({"package", "lint", release, "--render", "--options",
                 working_directory + "/mine.json", "-o", "json"}),
            0)
      << out;
  const auto report = registry::ParseJson(out);
  ASSERT_TRUE(report.ok()) << out;
  const auto& apps = report->root.Find("apps")->items();
  ASSERT_EQ(apps.size(), 1u);
  EXPECT_EQ(apps[0].FindString("path"), release);
  EXPECT_EQ(apps[0].Find("app")->FindString("id"), "mine");
  EXPECT_EQ(
      apps[0].Find("app")->Find("labels")->FindString("DCOS_PACKAGE_OPTIONS"),
      "eyJuYW1lIjoibWluZSJ9");
  EXPECT_EQ(Run({"package", "lint", release, "--render", "--options",
                 working_directory + "/bad.json"}),
            1);
  EXPECT_THAT(out,
              HasSubstr(release + "/marathon.json.mustache:2: error "
                                  "render-refused: /id: '/my_own': segment "
                                  "'my_own' must match"));
  EXPECT_THAT(out, HasSubstr("  \"id\": \"my_own\","));
  EXPECT_EQ(Run({"package", "lint", release, "--options",
                 working_directory + "/none.json"}),
            64);
}

TEST_F(LintCommandTest, FileThatBelongsToNoReleaseIsAnError) {
  Write("repo/packages/E/echod/0/package.json", kPackage);
  Write("repo/packages/E/echod/0/.DS_Store", "x");
  EXPECT_EQ(Run({"package", "lint", "."}), 1) << out;
  EXPECT_THAT(out,
              HasSubstr(".DS_Store: error stray-file: no file of this name "
                        "belongs to a release; it is ignored"));
}

TEST_F(LintCommandTest, DirectoryWithoutPackagesIsWrongUse) {
  EXPECT_EQ(Run({"package", "lint", "."}), 64);
  EXPECT_THAT(err, HasSubstr("holds no repo/packages"));
  EXPECT_EQ(Run({"package", "lint", "missing"}), 64);
  EXPECT_THAT(err, HasSubstr("missing does not exist"));
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "x"}), 64);
}

}  // namespace
}  // namespace orrery::cli
