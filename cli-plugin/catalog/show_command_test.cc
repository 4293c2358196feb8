#include "cli-plugin/catalog/show_command.h"

#include <string>

#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ShowCommandTest : public tests::CommandTest {};

constexpr char kRelease[] =
    R"({"name":"echod","release":3,"version":"1.2","source":"u",
        "package":{"name":"echod","description":"Echoes","maintainer":"me@x",
          "tags":["net","demo"],"preInstallNotes":"Read this"},
        "config":{"properties":{"service":{"properties":{
          "port":{"type":"integer","default":8080,"description":"Its port"},
          "name":{"type":"string"}}}}},
        "resource":null,
        "findings":[{"rule":"image-unpinned","severity":"info",
          "path":"repo/packages/E/echod/3/resource.json","pointer":"/assets",
          "line":null,"text":"image only as tag"}],"hidden":false})";

TEST_F(ShowCommandTest, PageTellsFactsOptionsAndFindings) {
  http.Answer("GET /v1/packages/echod", 200, kRelease);
  http.Answer("GET /v1/packages/echod/releases", 200,
              R"({"releases":[{"version":"1.2","release":3},
                              {"version":"1.1","release":2}]})");
  EXPECT_EQ(Run({"show", "echod"}), 0);
  EXPECT_EQ(out, R"(echod 1.2

Echoes

Release:      3
Source:       u
Maintainer:   me@x
Tags:         net, demo

Before installing:
  Read this

Options:
  service.port integer = 8080
      Its port
  service.name string

Findings:
  info image-unpinned: image only as tag (repo/packages/E/echod/3/resource.json/assets)

Install it: orrery install echod
)");
}

TEST_F(ShowCommandTest, PageSaysHowToInstallWhatWasAskedFor) {
  http.Answer("GET /v1/packages/echod", 200, kRelease);
  http.Answer("GET /v1/packages/echod/releases", 200, R"({"releases":[]})");
  EXPECT_EQ(Run({"show", "echod@release=3"}), 0);
  EXPECT_THAT(out, HasSubstr("\nInstall it: orrery install echod@release=3\n"));
  EXPECT_EQ(Run({"show", "echod@>=1"}), 0);
  EXPECT_THAT(out, HasSubstr("\nInstall it: orrery install 'echod@>=1'\n"));
}

TEST_F(ShowCommandTest, WhatNobodyCanChooseIsNotOfferedForInstallation) {
  http.Answer("GET /v1/packages/echod", 200,
              R"({"name":"echod","release":3,"version":"1.2","state":"yanked",
                  "yank_reason":"loses data","package":{"name":"echod"}})");
  http.Answer("GET /v1/packages/echod/releases", 200, R"({"releases":[]})");
  EXPECT_EQ(Run({"show", "echod"}), 0);
  EXPECT_THAT(out, AllOf(HasSubstr("Yanked:       loses data\n"),
                         Not(HasSubstr("Install it"))));
}

TEST_F(ShowCommandTest, PageTellsRelationsAndWhereTheyAre) {
  http.Answer("GET /v1/packages/kafka", 200,
              R"({"name":"kafka","version":"1","relations":{"provides":[
        {"capability":"kafka-brokers"}],"requires":[{"anyOf":[
        {"package":"zk"}],"note":"its own is better"}]},"relations_origin":"x:K/kafka/7/r",
        "requirements":["zk >=2 | @feature:dcos-zookeeper"],
        "refused_relations":["relations.self: x: kafka requires itself"]})");
  http.Answer("GET /v1/packages/kafka/releases", 200, R"({"releases":[]})");
  EXPECT_EQ(Run({"show", "kafka"}), 0);
  EXPECT_THAT(out, HasSubstr("Relations:    x:K/kafka/7/r\n"));
  EXPECT_THAT(out, HasSubstr("Requires:\n  zk >=2 | @feature:dcos-zookeeper\n"
                             "\nNotes on that:\n  its own is better\n"
                             "\nProvides:\n  kafka-brokers\n"
                             "\nRefused relations:\n  relations.self: x: "
                             "kafka requires itself\n"));
}

TEST_F(ShowCommandTest, PageMarksTheHighestLabelWhereTheNewestReleaseHasNot) {
  http.Answer("GET /v1/packages/kafka", 200,
              R"({"name":"kafka","version":"2.4.1-1.9.0","release":1210})");
  http.Answer("GET /v1/packages/kafka/releases", 200, R"({"releases":[
      {"version":"2.4.1-1.9.0","release":1210},
      {"version":"stub-universe","release":1205},
      {"version":"9.9.9","release":1204,"hidden":true},
      {"version":"2.10.0-2.4.0","release":1200},
      {"version":"2.9.0-2.4.0","release":1100}]})");
  EXPECT_EQ(Run({"show", "kafka"}), 0);
  EXPECT_THAT(out, HasSubstr("Release:      1210\n"
                             "Highest:      2.10.0-2.4.0, release 1200\n"));
}

TEST_F(ShowCommandTest, DependentsAreATable) {
  http.Answer("GET /v1/packages/cap%3Asql/dependents", 200,
              R"({"dependents":[{"package":"kong","requirement":"cap:sql",
                  "releases":[18,17,16],"source":"u"}]})");
  EXPECT_EQ(Run({"show", "cap:sql", "--dependents"}), 0);
  EXPECT_EQ(out,
            "PACKAGE  RELEASES  REQUIRES\n"
            "kong     16-18     cap:sql\n");
}

TEST_F(ShowCommandTest, JsonIsTheServersObjectWithNumbersAsWritten) {
  http.Answer("GET /v1/packages/echod", 200,
              R"({"name":"echod","config":{"a":1.10,"b":null}})");
  EXPECT_EQ(Run({"show", "echod", "-o", "jsonl"}), 0);
  EXPECT_EQ(out, "{\"name\":\"echod\",\"config\":{\"a\":1.10,\"b\":null}}\n");
}

TEST_F(ShowCommandTest, RangesGoToTheServer) {
  http.Answer("GET /v1/packages/echod", 200, kRelease);
  Run({"show", "echod@=1.0+2", "-o", "name"});
  Run({"info", "echod@release=3", "-o", "name"});
  Run({"describe", "echod", "--package-version", "1.0", "-o", "name"});
  EXPECT_THAT(http.requests(),
              ElementsAre("GET /v1/packages/echod?range=%3D1.0%2B2",
                          "GET /v1/packages/echod?range=release%3D3",
                          "GET /v1/packages/echod?range=%3D1.0"));
}

TEST_F(ShowCommandTest, VersionsKeepTheServersOrder) {
  http.Answer("GET /v1/packages/echod/releases", 200,
              R"({"releases":[{"release":10,"version":"1.2","source":"u"},
                              {"release":9,"version":"1.2","source":"u"}]})");
  EXPECT_EQ(Run({"versions", "echod"}), 0);
  EXPECT_EQ(out,
            "RELEASE  VERSION  STATE  SOURCE\n"
            "10       1.2             u\n"
            "9        1.2             u\n");
  EXPECT_EQ(Run({"versions", "echod", "--json"}), 0);
  EXPECT_THAT(out, HasSubstr("\"releases\": [\n    {\n      \"release\": 10,"));
}

TEST_F(ShowCommandTest, VersionsTellRevisionsAndStatesAndNameWhatIsCurrent) {
  http.Answer("GET /v1/packages/echod/releases", 200, R"({"releases":[
      {"release":9,"version":"1.2","source":"u","revision":2,
       "state":"current","evidence":"observed","tree":"h1:b="},
      {"release":9,"version":"1.2","source":"u","revision":1,
       "state":"superseded","evidence":"observed","tree":"h1:a="},
      {"release":8,"version":"1.1","source":"u","revision":1,
       "state":"withdrawn","evidence":"observed","tree":"h1:c="}]})");
  EXPECT_EQ(Run({"versions", "echod"}), 0);
  EXPECT_EQ(out,
            "RELEASE  VERSION  STATE       SOURCE\n"
            "9#2      1.2      current     u\n"
            "9#1      1.2      superseded  u\n"
            "8        1.1      withdrawn   u\n");
  EXPECT_EQ(Run({"versions", "echod", "-o", "wide"}), 0);
  EXPECT_THAT(out, HasSubstr("observed  h1:c="));
  EXPECT_EQ(Run({"versions", "echod", "-o", "name"}), 0);
  EXPECT_EQ(out, "1.2\n");
}

TEST_F(ShowCommandTest, VersionsTellWhyOneWasTakenBack) {
  http.Answer("GET /v1/packages/echod/releases", 200, R"({"releases":[
      {"release":9,"version":"1.2","source":"u","revision":1,
       "state":"yanked","yank_reason":"loses data"},
      {"release":8,"version":"1.1","source":"u","revision":1,
       "state":"current"}]})");
  EXPECT_EQ(Run({"versions", "echod"}), 0);
  EXPECT_THAT(err, HasSubstr("echod 9 was yanked: loses data\n"));
  EXPECT_EQ(Run({"versions", "echod", "-o", "name"}), 0);
  EXPECT_EQ(out, "1.1\n");
}

TEST_F(ShowCommandTest, VersionsTakesNoRange) {
  EXPECT_EQ(Run({"versions", "echod@=1"}), 64);
  EXPECT_TRUE(http.requests().empty());
}

}  // namespace
}  // namespace orrery::cli
