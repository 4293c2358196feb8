#include "cli-plugin/command/absolute_path.h"

#include <string>

#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

struct Case {
  std::string name;
  std::string given;
  std::string wanted;
};

class AbsoluteUrlTest : public ::testing::TestWithParam<Case> {};

TEST_P(AbsoluteUrlTest, OnlyLocalPlacesChange) {
  EXPECT_EQ(AbsoluteUrl(GetParam().given, "/home/me"), GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, AbsoluteUrlTest,
    ::testing::Values(Case{"Relative", "u", "/home/me/u"},
                      Case{"Dot", ".", "/home/me"},
                      Case{"UpAndSlash", "../u/", "/home/u"},
                      Case{"Absolute", "/srv/u", "/srv/u"},
                      Case{"FileUrl", "file:///srv/u", "file:///srv/u"},
                      Case{"RelativeFileUrl", "file://./u",
                           "file:///home/me/u"},
                      Case{"FileUrlOfAHost", "file://u/x", "file://u/x"},
                      Case{"Https", "https://h/u.git", "https://h/u.git"},
                      Case{"Ssh", "ssh://git@h/u.git", "ssh://git@h/u.git"},
                      Case{"ScpForm", "git@h:u.git", "git@h:u.git"},
                      Case{"ColonBehindASlash", "./a:b", "/home/me/a:b"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace orrery::cli
