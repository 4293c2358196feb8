#include "resolver/package_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::resolver {
namespace {

using ::testing::HasSubstr;

TEST(PackageNameTest, AcceptsNamesOfTheUniverse) {
  for (const char* text : {"kafka", "dcos-core-cli", "arangodb3", "go", "a0"}) {
    EXPECT_EQ(PackageName::Parse(text)->text(), text);
  }
  EXPECT_THAT(PackageName::Parse(std::string(64, 'a')), IsOk());
}

struct Reject {
  const char* name;
  std::string text;
  const char* reason;
};

class PackageNameRejectTest : public ::testing::TestWithParam<Reject> {};

TEST_P(PackageNameRejectTest, SaysTheRule) {
  EXPECT_THAT(PackageName::Parse(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().reason)));
}

INSTANTIATE_TEST_SUITE_P(
    Names, PackageNameRejectTest,
    ::testing::Values(Reject{"Empty", "", "2 to 64"},
                      Reject{"OneLetter", "a", "2 to 64"},
                      Reject{"TooLong", std::string(65, 'a'), "2 to 64"},
                      Reject{"UpperCase", "Kafka", "only a-z"},
                      Reject{"Underscore", "a_b", "only a-z"},
                      Reject{"Dots", "..", "only a-z"},
                      Reject{"NonAscii", "caf\xc3\xa9", "only a-z"},
                      Reject{"DigitFirst", "3scale", "begin with a letter"},
                      Reject{"DashFirst", "-kafka", "begin with a letter"},
                      Reject{"DashLast", "kafka-", "not end in '-'"}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace orrery::resolver
