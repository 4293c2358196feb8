#include "cli-plugin/help/man_page.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ManPagesTest : public tests::CommandTest {};

TEST_F(ManPagesTest, EveryVisibleCommandHasAPage) {
  std::set<std::string> names;
  for (const ManPage& page : ManPages(root)) names.insert(page.file_name);
  for (const char* name :
       {"orrery.1", "orrery-install.1", "orrery-source.1",
        "orrery-source-add.1", "orrery-package-lint.1", "orrery-man.1"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
  EXPECT_EQ(names.count("orrery-__complete.1"), 0u);
}

TEST_F(ManPagesTest, PageTellsFlagsExitCodesAndEnvironment) {
  for (const ManPage& page : ManPages(root)) {
    if (page.file_name != "orrery-install.1") continue;
    EXPECT_THAT(page.text, HasSubstr(".TH \"ORRERY-INSTALL\" \"1\""));
    EXPECT_THAT(page.text, HasSubstr("\\fB\\-\\-set PATH=VALUE\\fR"));
    EXPECT_THAT(page.text, HasSubstr("\\fB64\\fR"));
    EXPECT_THAT(page.text, HasSubstr("ORRERY_SERVER"));
    // A backslash of the text must not become an escape of roff.
    EXPECT_THAT(page.text, HasSubstr("\\e. is a dot in a name"));
  }
}

TEST_F(ManPagesTest, ManFindsNothingToWarnOf) {
  if (std::system("man --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "man is not installed";
  }
  const std::string directory = std::string(::testing::TempDir()) + "/man";
  ASSERT_EQ(Run({"man", directory}), 0);
  for (const ManPage& page : ManPages(root)) {
    const std::string command =
        "LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z " +
        directory + "/" + page.file_name + " 2>&1 >/dev/null";
    FILE* const pipe = popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    char buffer[4096];
    const size_t count = fread(buffer, 1, sizeof(buffer), pipe);
    pclose(pipe);
    EXPECT_EQ(std::string(buffer, count), "") << page.file_name;
  }
}

}  // namespace
}  // namespace orrery::cli
