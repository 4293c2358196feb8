#include "registry/format/release_path.h"

#include <string>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

TEST(ReleasePathTest, AcceptsPlainNames) {
  for (const std::string& name :
       {std::string("package.json"), std::string("a"), std::string(".hidden"),
        std::string("A+b@c=d,e~f-g_h"), std::string(200, 'x')}) {
    EXPECT_THAT(CheckFileName(name), IsOk()) << name;
  }
}

TEST(ReleasePathTest, RejectsNamesThatAreTrouble) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".git"),
        std::string(".GIT"), std::string("a."), std::string("a b"),
        std::string("a/b"), std::string("a\\b"), std::string("a:b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("k\xc3\xa4se"),
        std::string("\xff"), std::string(201, 'x')}) {
    EXPECT_THAT(CheckFileName(name),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

TEST(ReleasePathTest, PrintsUtf8AsItIsAndEscapesTheRest) {
  EXPECT_EQ(PrintablePath("repo/k\xc3\xa4se"), "repo/k\xc3\xa4se");
  EXPECT_EQ(PrintablePath("a\nb"), "a\\nb");
  EXPECT_EQ(PrintablePath("a\xff"), "a\\xff");
}

}  // namespace
}  // namespace orrery::registry
