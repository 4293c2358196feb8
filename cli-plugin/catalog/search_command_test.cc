#include "cli-plugin/catalog/search_command.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SearchCommandTest : public tests::CommandTest {};

constexpr char kFound[] =
    R"({"packages":[{"name":"kafka","release":57,"version":"2.12.0",
        "selected":true,"description":"Apache Kafka"}],
        "did_you_mean":[],"next_page_token":null,"empty_sources":[]})";

TEST_F(SearchCommandTest, WordsBecomeOneQuery) {
  http.Answer("GET /v1/packages:search", 200, kFound);
  EXPECT_EQ(Run({"search", "message", "queue"}), 0);
  EXPECT_THAT(http.requests(),
              ElementsAre("GET /v1/packages:search?query=message%20queue&"
                          "page_size=100",
                          "GET /v1/sources?stalled_only=true"));
  EXPECT_EQ(out,
            "NAME   VERSION  DESCRIPTION\n"
            "kafka  2.12.0   Apache Kafka\n");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(SearchCommandTest, PackageThatWasTakenBackWholeIsTold) {
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[{"name":"kafka","yank_reason":"loses data"}]})");
  EXPECT_EQ(Run({"search", "kafka"}), 0);
  EXPECT_EQ(err, "kafka was yanked: loses data\n");
}

TEST_F(SearchCommandTest, JsonIsOneDocumentWithTheContractsMembers) {
  http.Answer("GET /v1/packages:search", 200, kFound);
  EXPECT_EQ(Run({"search", "kafka", "-o", "json"}), 0);
  EXPECT_THAT(out, HasSubstr("\"packages\": [\n    {\n      \"name\": "
                             "\"kafka\",\n      \"release\": 57,"));
  EXPECT_THAT(out, HasSubstr("\"did_you_mean\": []"));
}

TEST_F(SearchCommandTest, NamesAndLines) {
  http.Answer("GET /v1/packages:search", 200, kFound);
  EXPECT_EQ(Run({"search", "kafka", "-o", "name"}), 0);
  EXPECT_EQ(out, "kafka\n");
  EXPECT_EQ(Run({"search", "kafka", "-o", "jsonl"}), 0);
  EXPECT_EQ(out,
            "{\"name\":\"kafka\",\"release\":57,\"version\":\"2.12.0\","
            "\"selected\":true,\"description\":\"Apache Kafka\"}\n");
}

TEST_F(SearchCommandTest, TypingErrorIsAnsweredWithTheName) {
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[],"did_you_mean":["kafka"]})");
  EXPECT_EQ(Run({"search", "kafak"}), 0);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_EQ(err, "nothing is called \"kafak\"; did you mean kafka?\n");
}

TEST_F(SearchCommandTest, CatalogueWithoutPackagesNamesItsSources) {
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[],"did_you_mean":[],"empty_sources":["u"]})");
  http.Answer("GET /v1/sources", 200,
              R"({"sources":[{"name":"u","packages":0,
                  "error":"no repo/packages under sub"}]})");
  EXPECT_EQ(Run({"search", "anything"}), 0);
  EXPECT_EQ(err,
            "warning: no source has any package: u (no repo/packages under "
            "sub); see `orrery source status NAME`\n");
}

TEST_F(SearchCommandTest, CatalogueWithoutSourcesSaysHowToAddOne) {
  http.Answer("GET /v1/packages:search", 200, R"({"packages":[]})");
  http.Answer("GET /v1/sources", 200, R"({"sources":[]})");
  EXPECT_EQ(Run({"search", "anything", "-o", "json"}), 0);
  EXPECT_EQ(err,
            "{\"warning\":\"there is no source yet; `orrery source add NAME "
            "URL` adds one\"}\n");
}

TEST_F(SearchCommandTest, LimitStopsAndSaysSo) {
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[{"name":"a"},{"name":"b"}],
                  "next_page_token":"t"})");
  EXPECT_EQ(Run({"search", "x", "--limit", "1", "-o", "name"}), 0);
  EXPECT_EQ(out, "a\n");
  EXPECT_EQ(err, "only the best 1; --limit 0 shows all\n");
}

TEST_F(SearchCommandTest, AllPagesWithoutALimit) {
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[{"name":"a"}],"next_page_token":"t+1"})");
  http.Answer("GET /v1/packages:search", 200,
              R"({"packages":[{"name":"b"}],"next_page_token":null})");
  EXPECT_EQ(Run({"search", "x", "--limit", "0", "-o", "name"}), 0);
  EXPECT_EQ(out, "a\nb\n");
  EXPECT_THAT(http.requests(), Contains(HasSubstr("page_token=t%2B1")));
}

TEST_F(SearchCommandTest, WithoutWordsAllPackagesAreListed) {
  http.Answer("GET /v1/packages", 200,
              R"({"packages":[{"name":"a"}],"next_page_token":"t"})");
  http.Answer("GET /v1/packages", 200, R"({"packages":[{"name":"b"}]})");
  EXPECT_EQ(Run({"search", "-o", "name"}), 0);
  EXPECT_EQ(out, "a\nb\n");
}

}  // namespace
}  // namespace orrery::cli
