// What the log says of a followed repository, and what is served for it.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

#include "registry/observed_source_testing.h"
#include "signing/record/record.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::RevisionMode;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Has the root of a table lie beyond the end of the file.
void DamageTable(const std::string& path, const std::string& table) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_exec(database,
                   absl::StrCat("PRAGMA writable_schema = ON;"
                                "UPDATE sqlite_schema SET rootpage = 1000000 "
                                "WHERE name = '",
                                table, "'; PRAGMA schema_version = 1000000")
                       .c_str(),
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(database);
}

TEST_F(ObservedSourceTest, EachCommitOfAWalkIsLoggedWithWhatItHad) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  Set("kafka", 0, "1.1");
  const std::string second = Commit();
  Set("kafka", 0, "1.2");
  const std::string third = Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed superseded",
                                    "kafka 0 3 observed current"));
  // source, index, observed, index before.
  EXPECT_THAT(Leaf(4), HasSubstr("commit " + second));
  EXPECT_THAT(Leaf(5), HasSubstr("commit " + third));
  EXPECT_EQ(VersionOf("kafka", 0), "1.2");
}

TEST_F(ObservedSourceTest, AReleaseThatComesBackUnchangedIsRestored) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  const auto kafka = files_.extract(FileOf("kafka", 0));
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn",
                                    "spark 0 1 observed current"));
  files_[kafka.key()] = kafka.mapped();
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "spark 0 1 observed current"));
  EXPECT_THAT(Leaf(Size() - 2), HasSubstr("kind restored"));
}

TEST_F(ObservedSourceTest, ImmutableServesWhatIsLoggedAndReportsTheRest) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  const int64_t size = Size();
  Set("kafka", 0, "6.6");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(Size(), size);
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("git.immutable"));
  // The same from the log alone.
  LoseIndex();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("git.immutable"));
  EXPECT_EQ(Size(), size);
}

TEST_F(ObservedSourceTest, ImmutableIsWhatTheFirstCommitOfAWalkHad) {
  Commit();
  Add(RevisionMode::kImmutable);
  Set("kafka", 0, "1.0");
  Commit();
  Set("kafka", 0, "6.6");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("git.immutable"));
}

TEST_F(ObservedSourceTest, BytesThatAreRefusedLaterAreKeptOrWithdrawnByMode) {
  for (const RevisionMode mode :
       {RevisionMode::kImmutable, RevisionMode::kMutable}) {
    Set("kafka", 0, "1.0");
    Commit();
    Add(mode);
    files_[FileOf("kafka", 0)] = {"{"};
    Commit();
    ASSERT_THAT(Sync(), IsOk());
    const bool kept = mode == RevisionMode::kImmutable;
    EXPECT_EQ(VersionOf("kafka", 0), kept ? "1.0" : "");
    EXPECT_THAT(Logged(), ElementsAre(kept ? "kafka 0 1 observed current"
                                           : "kafka 0 1 observed withdrawn"));
    EXPECT_THAT(RefusedRules(), ElementsAre("json-parse"));
    ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  }
}

TEST_F(ObservedSourceTest, WhatIsReplacedWhileGoneIsNotServedUnderImmutable) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  files_.erase(FileOf("kafka", 0));
  Commit();
  Set("kafka", 0, "6.6");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "");
  EXPECT_THAT(RefusedRules(), ElementsAre("git.immutable"));
  EXPECT_THAT(Logged(), Contains("kafka 0 1 observed withdrawn"));
}

TEST_F(ObservedSourceTest, NothingIsLoggedOfWhatCannotBeRead) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  const int64_t size = Size();
  Set("spark", 0, "1.0");
  Set("kafka", 0, "2.0");
  Commit();
  git_->LoseObject(git_->WriteBlob(PackageJson("kafka", "2.0")));
  EXPECT_THAT(Sync(), Not(IsOk()));
  EXPECT_EQ(Size(), size);
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
}

TEST_F(ObservedSourceTest, DamageOfTheLogIsNotBlamedOnTheRepository) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  DamageTable(folder_ + "/data/log.db", "mark");
  Set("kafka", 0, "1.1");
  const std::string tip = Commit();
  const auto says_so =
      StatusIs(absl::StatusCode::kInternal,
               AllOf(HasSubstr("the log is damaged"),
                     HasSubstr("restore log.db and keys/ together"),
                     Not(HasSubstr("git.object"))));
  EXPECT_THAT(Sync(), says_so);
  EXPECT_THAT(registry_->AcceptTip("u", tip, absl::InfiniteFuture()), says_so);
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
}

// Also one whose ref nobody has resolved, which the log does not know yet.
TEST_F(ObservedSourceTest, ASourceIsUnreadUntilItWasReadWhole) {
  const auto unread = [this] {
    std::vector<std::string> names;
    const auto sources = registry_->UnreadSources();
    EXPECT_THAT(sources, IsOk());
    for (const Source& source : *sources) names.push_back(source.name);
    return names;
  };
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  EXPECT_THAT(unread(), IsEmpty());
  Source down;
  down.name = "down";
  down.url = "https://127.0.0.1:1/x.git";
  ASSERT_THAT(registry_->AddSource(down, {.skip_check = true}), IsOk());
  Source overlay = down;
  overlay.name = "facts";
  overlay.overlay_of = "u";
  ASSERT_THAT(registry_->AddSource(overlay, {.skip_check = true}), IsOk());
  EXPECT_THAT(unread(), ElementsAre("down"));
  Reopen();
  EXPECT_THAT(unread(), ElementsAre("down"));
  ASSERT_THAT(registry_->RemoveSource("down"), IsOk());
  EXPECT_THAT(unread(), IsEmpty());
}

TEST_F(ObservedSourceTest, ARemovedSourceIsRetiredAndReturnsWithItsChain) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn"));
  Set("kafka", 0, "6.6");
  Commit();
  Add(RevisionMode::kImmutable);
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("git.immutable"));
}

}  // namespace
}  // namespace orrery::registry
