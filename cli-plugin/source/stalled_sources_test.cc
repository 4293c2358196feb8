#include "cli-plugin/source/stalled_sources.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;

class StalledSourcesTest : public tests::CommandTest {
 protected:
  StalledSourcesTest() {
    http.Answer("GET /v1/packages/kafka/releases", 200,
                R"({"releases":[{"release":1,"version":"1"}]})");
  }

  void Stall(int count) {
    std::vector<std::string> sources;
    for (int i = 0; i < count; ++i) {
      sources.push_back(absl::StrCat(
          R"({"name":"s)", i, R"(","state":"frozen","error":"git.rewrite: x",)",
          R"("stalled_since":"2026-01-02T03:04:05Z"})"));
    }
    http.Answer(
        "GET /v1/sources", 200,
        absl::StrCat(R"({"sources":[)", absl::StrJoin(sources, ","), "]}"));
  }
};

TEST_F(StalledSourcesTest, OneLineTellsSinceWhenAndWhy) {
  Stall(1);
  EXPECT_EQ(Run({"versions", "kafka"}), 0);
  EXPECT_EQ(err,
            "warning: source s0 has not advanced since 2026-01-02T03:04:05Z, "
            "frozen: git.rewrite: x\n");
  EXPECT_THAT(out, HasSubstr("RELEASE"));
}

TEST_F(StalledSourcesTest, ManyAreStillOneLine) {
  Stall(5);
  EXPECT_EQ(Run({"versions", "kafka"}), 0);
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
  EXPECT_THAT(err, HasSubstr("source s2 has not advanced"));
  EXPECT_THAT(err, HasSubstr("; 2 more; `orrery source list`"));
}

TEST_F(StalledSourcesTest, NothingIsSaidWhenAllAdvanceOrNobodyKnows) {
  Stall(0);
  EXPECT_EQ(Run({"versions", "kafka"}), 0);
  EXPECT_EQ(err, "");
  http.Answer("GET /v1/sources", 400, "{}");
  EXPECT_EQ(Run({"versions", "kafka"}), 0);
  EXPECT_EQ(err, "");
}

}  // namespace
}  // namespace orrery::cli
