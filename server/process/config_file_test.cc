#include "server/process/config_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(ConfigFileTest, ReadsScalarsAndLists) {
  const auto settings = ParseConfig(
      "# comment\n"
      "data_dir = '/var/lib/orrery'\n"
      "insecure = true\n"
      "count = 5\n"
      "allowed_hosts = [\"a\", \"b\"]\n");
  ASSERT_THAT(settings, IsOk());
  EXPECT_THAT(*settings,
              ElementsAre(Pair("allowed_hosts", ElementsAre("a", "b")),
                          Pair("count", ElementsAre("5")),
                          Pair("data_dir", ElementsAre("/var/lib/orrery")),
                          Pair("insecure", ElementsAre("true"))));
}

TEST(ConfigFileTest, NamesTheLineOfAFault) {
  for (const char* text :
       {"a = 1\nb = ", "a = 1\nb", "a = 1\na = 2", "a = 1\nb = 1.5",
        "a = 1\n[section]", "a = 1\nb = [[1]]", "a = 1\nb = 2020-01-01"}) {
    EXPECT_THAT(ParseConfig(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                            StartsWith("line 2: ")))
        << text;
  }
}

}  // namespace
}  // namespace orrery::server
