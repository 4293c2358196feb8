#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/resolution/package_resolver.h"
#include "registry/format/json_value.h"
#include "tests/testing/fake_orchestrator.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueryFixesTest : public ::testing::Test {
 protected:
  QueryFixesTest() {
    clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
  }

  void Add(const std::string& package, int64_t release,
           const std::string& version, const std::string& relations = "{}") {
    builder_.AddRelease(
        package, release, version,
        {{"package.json",
          absl::StrCat(R"({"packagingVersion":"5.0","name":")", package,
                       R"(","version":"1","maintainer":"m",
                       "description":"d","tags":[]})")},
         {"relations.json", relations}});
  }

  Resolution Resolve(const std::vector<std::string>& items) {
    query_.items.clear();
    for (const std::string& item : items) {
      query_.items.push_back(*ParseRequestItem(item));
    }
    const registry::SnapshotPtr snapshot = builder_.Build();
    PackageResolver resolver(
        nullptr, &clusters_, [snapshot] { return snapshot; }, nullptr);
    auto resolution = resolver.Resolve(query_);
    EXPECT_TRUE(resolution.ok()) << resolution.status();
    return resolution.ok() ? *std::move(resolution) : Resolution();
  }

  std::vector<std::string> Fixes(const std::vector<std::string>& items) {
    std::vector<std::string> texts;
    for (const resolver::Fix& fix : Resolve(items).fixes) {
      texts.push_back(absl::StrCat(fix.text, ": ", fix.effect));
    }
    return texts;
  }

  tests::SnapshotBuilder builder_;
  Clusters clusters_;
  ResolveQuery query_;
};

TEST_F(QueryFixesTest, NameThatNobodyHasLeadsToTheNearest) {
  Add("kafka-zookeeper", 1, "3.4");
  EXPECT_THAT(Fixes({"kafka-zookeper"}),
              ElementsAre("ask for kafka-zookeeper: adds kafka-zookeeper 3.4",
                          "do not ask for kafka-zookeper: changes nothing"));
}

TEST_F(QueryFixesTest, WithoutAClusterNoFactIsAdded) {
  Add("kafka", 1, "2.0", R"({"platform": {"@dcos": ">=1.9"}})");
  EXPECT_THAT(Fixes({"kafka@>=9"}),
              ElementsAre("ask for kafka: adds kafka 2.0",
                          "do not ask for kafka >=9: changes nothing"));
}

TEST_F(QueryFixesTest, PrereleasesComeBeforeAnotherRange) {
  Add("mixed", 2, "1.0.0-rc1");
  Add("mixed", 1, "0.9.0");
  EXPECT_THAT(Fixes({"mixed@>0.9"}),
              ElementsAre("allow pre-releases of mixed: adds mixed 1.0.0-rc1",
                          "ask for mixed: adds mixed 0.9.0",
                          "do not ask for mixed >0.9: changes nothing"));
}

TEST_F(QueryFixesTest, PrereleaseOfWhatIsNeededHelpsToo) {
  Add("app", 1, "1", R"({"requires": [{"package": "db", "versions": ">=2"}]})");
  Add("db", 2, "2.1-beta");
  Add("db", 1, "1.0");
  EXPECT_THAT(
      Fixes({"app"}),
      ElementsAre("allow pre-releases of db: adds app 1; adds db 2.1-beta",
                  "do not ask for app: changes nothing"));
}

TEST_F(QueryFixesTest, WhatIsAllowedAlreadyIsNotSuggested) {
  Add("mixed", 2, "1.0.0-rc1");
  Add("mixed", 1, "0.9.0");
  query_.prereleases_of = {"mixed"};
  const std::vector<std::string> of_package = Fixes({"mixed@>2"});
  query_.prereleases_of = {};
  query_.allow_prereleases = true;
  for (const auto& fixes : {of_package, Fixes({"mixed@>2"})}) {
    EXPECT_THAT(fixes, ElementsAre("ask for mixed: adds mixed 0.9.0",
                                   "do not ask for mixed >2: changes nothing"));
  }
}

TEST_F(QueryFixesTest, FactGoesToTheSmallestBoundThatWorks) {
  query_.cluster = "dc1";
  Add("app", 1, "1", R"({"platform": {"@dcos": ">=2.1 || >=1.13"}})");
  EXPECT_THAT(Fixes({"app"}), ElementsAre("bring @dcos to 1.13: adds app 1",
                                          "do not ask for app: changes "
                                          "nothing"));
  Add("other", 1, "1", R"({"platform": {"@dcos": ">=2.1"}, "requires": [
      {"fact": "@dcos", "versions": ">=1.13"}]})");
  EXPECT_THAT(Fixes({"other"}).front(), "bring @dcos to 2.1: adds other 1");
}

TEST_F(QueryFixesTest, OfManyValuesTheSmallestAndTheMostWantedAreTried) {
  query_.cluster = "dc1";
  std::vector<std::string> needs;
  for (int i = 10; i < 50; ++i) {
    Add("any", i, absl::StrCat(i),
        absl::StrCat(R"({"platform": {"@dcos": ">=2.)", i, R"("}})"));
    needs.push_back(
        absl::StrCat(R"({"fact": "@dcos", "versions": ">=2.)", i, R"("})"));
  }
  Add("all", 1, "1",
      absl::StrCat(R"({"requires": [)", absl::StrJoin(needs, ", "), "]}"));
  EXPECT_EQ(Fixes({"any"}).front(), "bring @dcos to 2.10: adds any 10");
  EXPECT_EQ(Fixes({"all"}).front(), "bring @dcos to 2.49: adds all 1");
}

TEST_F(QueryFixesTest, FeatureThatTheClusterLacksIsAFix) {
  query_.cluster = "dc1";
  Add("app", 1, "1", R"({"requires": [{"fact": "@feature:gpu"}]})");
  EXPECT_THAT(Fixes({"app"}).front(), "bring @feature:gpu to 1: adds app 1");
}

TEST_F(QueryFixesTest, OnlyWhatIsEnoughByItselfIsSaid) {
  std::vector<std::string> items;
  for (int i = 1; i <= 3; ++i) {
    const std::string name = absl::StrCat("app-", i);
    Add(name, 1, "1", R"({"claims": ["vip:1"]})");
    items.push_back(name);
  }
  EXPECT_THAT(Resolve(items).fixes, IsEmpty());
  EXPECT_THAT(Resolve({"app-1", "app-2"}).fixes, SizeIs(2));
}

TEST_F(QueryFixesTest, JsonAndTextSayTheSame) {
  Add("mixed", 1, "0.9.0");
  const Resolution resolution = Resolve({"mixed@>1"});
  EXPECT_THAT(
      registry::WriteJson(ResolutionToJson(resolution)),
      HasSubstr(R"("fixes":[{"kind":"range","text":"ask for mixed",)"
                R"("effect":"adds mixed 0.9.0","removed":0,"changed":0,)"
                R"("added":1},{"kind":"drop",)"));
  EXPECT_THAT(RefusalText(resolution),
              HasSubstr("\nwhat would work\n"
                        "  a. ask for mixed: adds mixed 0.9.0\n"
                        "  b. do not ask for mixed >1: changes nothing"));
}

}  // namespace
}  // namespace orrery::catalog
