#include "cli-plugin/source/unindexed_sources.h"

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class UnindexedSourcesTest : public tests::CommandTest {
 protected:
  UnindexedSourcesTest() {
    http.Answer("GET /v1/packages/kafka", 404,
                R"({"detail":"no source has a package \"kafka\"",
                    "reason":"PACKAGE_NOT_FOUND"})");
  }
};

TEST_F(UnindexedSourcesTest, MissingPackageNamesTheSourcesThatAreNotRead) {
  http.Answer("GET /v1/sources", 200,
              R"({"sources":[
                  {"name":"done","state":"ok","commit":"c0ffee"},
                  {"name":"old","state":"held","commit":"c0ffee",
                   "stalled_since":"2026-01-02T03:04:05Z"},
                  {"name":"new","state":"syncing","commit":null},
                  {"name":"dead","state":"failed","error":"no such host"}]})");
  EXPECT_EQ(Run({"show", "kafka"}), 3);
  EXPECT_THAT(err, HasSubstr("source new is still being indexed for the first "
                             "time; `orrery source sync new` waits"));
  EXPECT_THAT(err, HasSubstr("source dead was never indexed: no such host"));
  EXPECT_THAT(err, HasSubstr("source old has not advanced since 2026"));
  EXPECT_THAT(err, Not(HasSubstr("source done")));
}

TEST_F(UnindexedSourcesTest, ServerWithoutAnAnswerChangesNothing) {
  http.Answer("GET /v1/sources", 500, R"({"detail":"x"})");
  EXPECT_EQ(Run({"show", "kafka"}), 3);
  EXPECT_THAT(err, HasSubstr("no source has a package"));
}

TEST_F(UnindexedSourcesTest, OtherFailuresDoNotAsk) {
  http.Answer("GET /v1/clusters/local/services/x", 404,
              R"({"detail":"no service","reason":"SERVICE_NOT_FOUND"})");
  EXPECT_EQ(Run({"status", "x"}), 3);
  EXPECT_THAT(http.requests(), Not(Contains(HasSubstr("/v1/sources"))));
}

}  // namespace
}  // namespace orrery::cli
