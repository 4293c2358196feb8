#include "registry/index/index_settlement.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/entry_rows.h"
#include "registry/index/index_schema.h"
#include "registry/index/index_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

IndexEntry WithProgram(const std::string& name, const std::string& sha256) {
  IndexEntry entry = ServedForTest(name, 0, "1.0");
  entry.facts.cli_binaries = {{"https://example.org/tool", sha256, "/cli"}};
  return entry;
}

IndexEntry WithManager(const std::string& name, const std::string& manager) {
  IndexEntry entry = ServedForTest(name, 0, "1.0");
  entry.facts.manager = manager;
  return entry;
}

class IndexSettlementTest : public ::testing::Test {
 protected:
  static SourceVersion Version(int64_t version) {
    return {1, version, "u", "repo/packages"};
  }

  // Makes the next version.
  void Change(const std::vector<IndexEntry>& put,
              const std::vector<std::string>& erase = {}) {
    const SourceVersion before = Version(version_);
    const SourceVersion after = Version(++version_);
    std::set<std::string> changed;
    for (const IndexEntry& entry : put) {
      changed.insert(entry.release->name);
      ASSERT_THAT(PutEntry(*database_, after, entry), IsOk());
    }
    for (const std::string& name : erase) {
      changed.insert(name);
      ASSERT_THAT(EndEntry(*database_, after,
                           ServedForTest(name, 0, "1.0").release->directory),
                  IsOk());
    }
    ASSERT_THAT(SettleIndex(*database_, before, after, changed, counts_),
                IsOk());
  }

  // Rules of the comparison that release 0 breaks in the newest version.
  std::vector<std::string> Compared(const std::string& name,
                                    std::optional<int64_t> version = {}) {
    std::vector<std::string> rules;
    const auto entry =
        ReadEntry(*database_, Version(version.value_or(version_)),
                  ServedForTest(name, 0, "1.0").release->directory);
    EXPECT_THAT(entry, IsOk());
    for (const Finding& finding : (*entry)->compared) {
      rules.push_back(finding.rule);
    }
    return rules;
  }
  // How many rows were ever written for the package.
  int64_t Rows(const std::string& name) {
    auto query =
        *database_->Prepare("SELECT count(*) FROM entry WHERE directory = ?1");
    query.BindBlob(1, ServedForTest(name, 0, "1.0").release->directory);
    EXPECT_THAT(query.Step(), IsOkAndHolds(true));
    return query.Int(0);
  }

  std::unique_ptr<SqliteDatabase> database_ =
      *SqliteDatabase::Open(":memory:", IndexMigrations());
  SourceCounts counts_;
  int64_t version_ = 0;
};

TEST_F(IndexSettlementTest,
       PackagesThatNameOneProgramAreComparedWithEachOther) {
  Change({WithProgram("kafka", "aa"), ServedForTest("nifi", 0, "1.0")});
  EXPECT_THAT(Compared("kafka"), IsEmpty());
  Change({WithProgram("spark", "bb")});
  EXPECT_THAT(Compared("kafka"), ElementsAre("cli-hash-differs"));
  EXPECT_THAT(Compared("spark"), ElementsAre("cli-hash-differs"));
  EXPECT_THAT(counts_.findings, ElementsAre(Pair("cli-hash-differs", 2)));
  // Who reads the version before does not see it.
  EXPECT_THAT(Compared("kafka", 1), IsEmpty());
}

TEST_F(IndexSettlementTest, FindingGoesWithWhatItWasComparedWith) {
  Change({WithProgram("kafka", "aa"), WithProgram("spark", "bb")});
  EXPECT_THAT(counts_.findings, ElementsAre(Pair("cli-hash-differs", 2)));
  Change({}, {"spark"});
  EXPECT_THAT(Compared("kafka"), IsEmpty());
  EXPECT_THAT(counts_.findings, IsEmpty());
  Change({WithProgram("spark", "bb")});
  EXPECT_THAT(Compared("kafka"), ElementsAre("cli-hash-differs"));
  // Another that agrees with itself alone names nothing any more.
  Change({ServedForTest("spark", 0, "1.0")});
  EXPECT_THAT(Compared("kafka"), IsEmpty());
  EXPECT_THAT(counts_.findings, IsEmpty());
}

TEST_F(IndexSettlementTest, ManagerIsMissedUntilItComesAndWhenItGoes) {
  Change({WithManager("broker", "manager")});
  EXPECT_THAT(Compared("broker"), ElementsAre("manager-missing"));
  Change({ServedForTest("manager", 0, "1.0")});
  EXPECT_THAT(Compared("broker"), IsEmpty());
  Change({}, {"manager"});
  EXPECT_THAT(Compared("broker"), ElementsAre("manager-missing"));
  Change({}, {"broker"});
  EXPECT_EQ(counts_.packages, 0);
  EXPECT_THAT(counts_.findings, IsEmpty());
}

TEST_F(IndexSettlementTest, ManagerThatComesWithItsPackageIsNotMissed) {
  Change(
      {WithManager("broker", "manager"), ServedForTest("manager", 0, "1.0")});
  EXPECT_THAT(Compared("broker"), IsEmpty());
  Change({WithManager("other", "nobody")});
  Change({}, {"manager", "broker"});
  EXPECT_THAT(counts_.findings, ElementsAre(Pair("manager-missing", 1)));
}

TEST_F(IndexSettlementTest, ReleasesOfOnePackageAreCompared) {
  Change({ServedForTest("kafka", 0, "1.0"), ServedForTest("kafka", 1, "1.0"),
          ServedForTest("spark", 0, "1.0")});
  EXPECT_THAT(Compared("kafka"), ElementsAre("version-reused"));
  EXPECT_THAT(counts_.findings, ElementsAre(Pair("version-reused", 2)));
  Change({ServedForTest("kafka", 1, "1.1")});
  EXPECT_THAT(Compared("kafka"), IsEmpty());
  EXPECT_THAT(counts_.findings, IsEmpty());
}

TEST_F(IndexSettlementTest, WhatHasNothingToDoWithTheChangeIsNotWrittenAgain) {
  Change({WithProgram("kafka", "aa"), WithManager("broker", "kafka"),
          ServedForTest("nifi", 0, "1.0")});
  Change({WithProgram("spark", "bb"), ServedForTest("hdfs", 0, "1.0")});
  EXPECT_EQ(Rows("kafka"), 2);
  EXPECT_EQ(Rows("broker"), 1);
  EXPECT_EQ(Rows("nifi"), 1);
  EXPECT_EQ(Rows("hdfs"), 1);
}

TEST_F(IndexSettlementTest, PackagesAreCountedByWhetherAnyReleaseIsVisible) {
  IndexEntry hidden = ServedForTest("kafka", 0, "1.0");
  Release release = *hidden.release;
  release.hidden = true;
  hidden.release = std::make_shared<const Release>(release);
  Change({hidden, ServedForTest("spark", 0, "1.0")});
  EXPECT_EQ(counts_.packages, 2);
  EXPECT_EQ(counts_.hidden, 1);
  Change({ServedForTest("kafka", 1, "1.1")});
  EXPECT_EQ(counts_.packages, 2);
  EXPECT_EQ(counts_.hidden, 0);
}

TEST_F(IndexSettlementTest, AllThatNameOneThingAreComparedHoweverMany) {
  std::vector<IndexEntry> many;
  for (int i = 0; i < 200; ++i) {
    many.push_back(WithProgram(absl::StrCat("p", 1000 + i), "aa"));
  }
  Change(many);
  EXPECT_THAT(counts_.findings, IsEmpty());
  Change({WithProgram("first", "bb")});
  EXPECT_THAT(counts_.findings, ElementsAre(Pair("cli-hash-differs", 201)));
  EXPECT_THAT(Compared("p1199"), ElementsAre("cli-hash-differs"));
  // The one that differs is now the last.
  Change({WithProgram("zeppelin", "bb")}, {"first"});
  EXPECT_THAT(Compared("p1199"), ElementsAre("cli-hash-differs"));
  EXPECT_THAT(Compared("zeppelin"), ElementsAre("cli-hash-differs"));
  Change({}, {"zeppelin"});
  EXPECT_THAT(counts_.findings, IsEmpty());
}

TEST_F(IndexSettlementTest, ReleaseThatNamesOneThingTwiceSaysItOfTheOthers) {
  IndexEntry twice = WithProgram("kafka", "aa");
  twice.facts.cli_binaries.push_back({"https://example.org/tool", "bb", "/b"});
  Change({twice});
  EXPECT_THAT(Compared("kafka"), IsEmpty());
  Change({WithProgram("spark", "aa"), WithProgram("hdfs", "bb")});
  EXPECT_THAT(Compared("spark"), ElementsAre("cli-hash-differs"));
  EXPECT_THAT(Compared("hdfs"), ElementsAre("cli-hash-differs"));
}

}  // namespace
}  // namespace orrery::registry
