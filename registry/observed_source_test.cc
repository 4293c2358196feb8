// What the log says of a followed repository, and what is served for it.

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

#include "registry/log/registry_log.h"
#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_state.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Admission;
using signing::RevisionMode;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tests::GitFixture;

std::string FileOf(const std::string& name, int64_t release) {
  return absl::StrCat("repo/packages/",
                      std::string(1, absl::ascii_toupper(name[0])), "/", name,
                      "/", release, "/package.json");
}

std::string PackageJson(const std::string& name, const std::string& version) {
  return absl::StrCat(
      R"({"packagingVersion":"4.0","name":")", name, R"(","version":")",
      version,
      R"(","maintainer":"ops@example.org","description":"Answers HTTP.",)"
      R"("tags":["demo"]})",
      "\n");
}

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

class ObservedSourceTest : public ::testing::Test {
 protected:
  ObservedSourceTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(), "observed_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    git_ = std::make_unique<GitFixture>(folder_ + "/git");
    store_ = *SqliteStateStore::Open(":memory:");
    Reopen();
  }

  void Reopen() {
    registry_ = nullptr;
    Registry::Options options;
    options.data_dir = folder_ + "/data";
    options.durable = false;
    auto opened = Registry::Open(options, store_.get());
    ASSERT_THAT(opened, IsOk());
    registry_ = *std::move(opened);
  }
  void LoseIndex() {
    registry_ = nullptr;
    for (const char* rest : {"", "-wal", "-shm"}) {
      std::filesystem::remove(absl::StrCat(folder_, "/data/index.db", rest));
    }
    Reopen();
  }

  void Set(const std::string& name, int64_t release,
           const std::string& version) {
    files_[FileOf(name, release)] = {PackageJson(name, version)};
  }
  std::string Commit() { return git_->Commit("main", files_); }
  void Add(RevisionMode mode, Admission admission = Admission::kObserved) {
    Source source;
    source.name = "u";
    source.url = git_->path();
    source.mode = mode;
    source.admission = admission;
    ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
    ASSERT_THAT(Sync(), IsOk());
  }
  absl::Status Sync() {
    return registry_
        ->SyncSource("u", /*accept_removals=*/true, absl::InfiniteFuture())
        .status();
  }

  // Of this registry.
  void WriteNames(const std::string& lines) {
    const std::string folder = folder_ + "/data/trust";
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/names") << "orrery/names/v1\n" << lines;
  }

  // "kafka 0 1 observed current" of each release line.
  std::vector<std::string> Logged() {
    std::vector<std::string> lines;
    std::string package;
    EXPECT_THAT(registry_->log().ReadState([&](const signing::LogState& log) {
      EXPECT_THAT(log.void_leaves, IsEmpty());
      const std::string catalog = signing::PrintCatalog(log);
      for (const absl::string_view line : absl::StrSplit(catalog, '\n')) {
        const std::vector<std::string> words = absl::StrSplit(line, ' ');
        if (words[0] == "package") package = words[1];
        if (words[0] != "release") continue;
        lines.push_back(absl::StrCat(package, " ", words[2], " ", words[3], " ",
                                     words[4], " ", words[5]));
      }
      return absl::OkStatus();
    }),
                IsOk());
    return lines;
  }
  int64_t Size() {
    int64_t size = 0;
    EXPECT_THAT(registry_->log().ReadState([&](const signing::LogState& log) {
      size = log.size;
      return absl::OkStatus();
    }),
                IsOk());
    return size;
  }
  std::string Leaf(int64_t index) {
    return registry_->log().ReadLeafAt(index).value_or("");
  }
  std::vector<std::string> Served() {
    return tests::ServedReleases(*registry_->snapshot());
  }
  std::string VersionOf(const std::string& name, int64_t release) {
    const auto package = registry_->snapshot()->FindPackage(name);
    if (!package.ok() || *package == nullptr) return "";
    for (const ReleasePtr& found : (*package)->releases) {
      if (found->release == release) return found->version;
    }
    return "";
  }
  std::vector<std::string> RefusedRules() {
    std::vector<std::string> rules;
    const SourceStatus status = *registry_->GetSource("u");
    for (const Finding& finding : status.contents->refused) {
      rules.push_back(finding.rule);
    }
    return rules;
  }

  const std::string folder_;
  GitFixture::Files files_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

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

TEST_F(ObservedSourceTest, AnIndexThatIsBehindTheLogCatchesUpAndLogsNothing) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  registry_ = nullptr;
  std::filesystem::copy(folder_ + "/data/index.db", folder_ + "/older.db");
  Reopen();
  Set("kafka", 0, "2.0");
  Set("kafka", 1, "3.0");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  const int64_t size = Size();
  registry_ = nullptr;
  std::filesystem::rename(folder_ + "/older.db", folder_ + "/data/index.db");
  for (const char* rest : {"-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(folder_, "/data/index.db", rest));
  }
  Reopen();
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "2.0");
  EXPECT_EQ(VersionOf("kafka", 1), "3.0");
  EXPECT_EQ(Size(), size);
}

// §15.4: every commit since the last accepted tip.
TEST_F(ObservedSourceTest, WithoutItsIndexAWalkBeginsWhereTheLogStands) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  LoseIndex();
  Set("kafka", 0, "1.1");
  const std::string second = Commit();
  Set("kafka", 0, "1.2");
  files_.erase(FileOf("spark", 0));
  Commit();
  Set("spark", 0, "1.0");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed superseded",
                                    "kafka 0 3 observed current",
                                    "spark 0 1 observed current"));
  // source, index, two observed, index before; then withdrawn and restored.
  EXPECT_THAT(Leaf(5), HasSubstr("commit " + second));
  EXPECT_EQ(Size(), 10);
  EXPECT_EQ(VersionOf("kafka", 0), "1.2");
  EXPECT_EQ(VersionOf("spark", 0), "1.0");
}

TEST_F(ObservedSourceTest, AnIndexOlderThanTheLogItselfIsLogged) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  registry_ = nullptr;
  for (const char* name : {"log.db", "log.db-wal", "log.db-shm"}) {
    std::filesystem::remove(folder_ + "/data/" + name);
  }
  std::filesystem::remove_all(folder_ + "/data/keys");
  Reopen();
  EXPECT_EQ(Size(), 0);
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current"));
  EXPECT_THAT(Served(), Not(IsEmpty()));
}

TEST_F(ObservedSourceTest, ARewrittenHistoryLogsNothingUntilItIsAccepted) {
  Set("kafka", 0, "1.0");
  const std::string first = Commit();
  Set("kafka", 0, "1.1");
  Commit();
  Add(RevisionMode::kMutable);
  const int64_t size = Size();
  Set("kafka", 0, "6.6");
  const std::string rewritten =
      git_->WriteCommit(git_->WriteFiles(files_), {first});
  git_->SetRef("refs/heads/main", rewritten);
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("does not descend from")));
  EXPECT_EQ(Size(), size);
  EXPECT_EQ(VersionOf("kafka", 0), "1.1");
  Set("kafka", 0, "7.0");
  Commit();
  ASSERT_THAT(registry_->AcceptTip("u", rewritten, absl::InfiniteFuture()),
              IsOk());
  EXPECT_THAT(Leaf(size), HasSubstr("tip " + rewritten));
  // The accepted commit and the one behind it.
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed superseded",
                                    "kafka 0 3 observed current"));
}

TEST_F(ObservedSourceTest, AnAcceptedTipLetsNoLaterRewritePass) {
  Set("kafka", 0, "1.0");
  const std::string first = Commit();
  Set("kafka", 0, "1.1");
  Commit();
  Add(RevisionMode::kMutable);
  Set("kafka", 0, "2.0");
  const std::string accepted =
      git_->WriteCommit(git_->WriteFiles(files_), {first});
  git_->SetRef("refs/heads/main", accepted);
  ASSERT_THAT(registry_->AcceptTip("u", accepted, absl::InfiniteFuture()),
              IsOk());
  Set("kafka", 0, "2.1");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  const int64_t size = Size();
  Set("kafka", 0, "6.6");
  git_->SetRef("refs/heads/main",
               git_->WriteCommit(git_->WriteFiles(files_), {accepted}));
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("does not descend from")));
  EXPECT_EQ(Size(), size);
  EXPECT_EQ(VersionOf("kafka", 0), "2.1");
}

TEST_F(ObservedSourceTest, AMergeOfTheLoggedCommitGoesOn) {
  Set("kafka", 0, "1.0");
  const std::string first = Commit();
  Add(RevisionMode::kMutable);
  const std::string other = git_->WriteCommit(git_->WriteFiles(files_), {});
  Set("kafka", 1, "1.1");
  git_->SetRef("refs/heads/main",
               git_->WriteCommit(git_->WriteFiles(files_), {other, first}));
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "kafka 1 1 observed current"));
}

TEST_F(ObservedSourceTest, HistoryIsLoggedFromTheCommitThatIsNamed) {
  Set("kafka", 0, "1.0");
  Commit();
  Set("kafka", 0, "1.1");
  const std::string second = Commit();
  Set("kafka", 0, "1.2");
  Commit();
  Source source;
  source.name = "u";
  source.url = git_->path();
  source.mode = RevisionMode::kMutable;
  source.first_commit = second;
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed current"));
  EXPECT_EQ(VersionOf("kafka", 0), "1.2");
}

TEST_F(ObservedSourceTest, ATipBesideTheFirstCommitMayBeAccepted) {
  Set("kafka", 0, "1.0");
  const std::string first = Commit();
  Source source;
  source.name = "u";
  source.url = git_->path();
  source.first_commit = git_->WriteCommit(git_->WriteFiles(files_), {first});
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("--tip " + first)));
  ASSERT_THAT(registry_->AcceptTip("u", first, absl::InfiniteFuture()), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
}

TEST_F(ObservedSourceTest, ASourceNeverReadStandsStillSinceItsFirstLook) {
  Set("kafka", 0, "1.0");
  const std::string first = Commit();
  Source source;
  source.name = "u";
  source.url = git_->path();
  source.first_commit = git_->WriteCommit(git_->WriteFiles(files_), {first});
  ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
  ASSERT_FALSE(Sync().ok());
  const std::optional<absl::Time> since =
      registry_->GetSource("u")->stalled_since;
  EXPECT_TRUE(since.has_value());
  ASSERT_FALSE(Sync().ok());
  EXPECT_EQ(registry_->GetSource("u")->stalled_since, since);
}

TEST_F(ObservedSourceTest, AFirstCommitThatIsNoIdIsRefused) {
  Commit();
  Source source;
  source.name = "u";
  source.url = git_->path();
  source.first_commit = "main";
  EXPECT_THAT(registry_->AddSource(source, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("main")));
}

TEST_F(ObservedSourceTest, ASourceThatAdmitsNothingIsForgottenWhenItGoes) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable, Admission::kNone);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  // Another history under the name.
  git_->SetRef("refs/heads/main",
               git_->WriteCommit(git_->WriteFiles(files_), {}));
  Add(RevisionMode::kMutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Add(RevisionMode::kMutable, Admission::kNone);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn"));
}

TEST_F(ObservedSourceTest, WithoutObservationUnsignedReleasesAreRefused) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable, Admission::kSshsig);
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(RefusedRules(), ElementsAre("record.evidence"));
  EXPECT_THAT(Logged(), IsEmpty());
}

// trust.md §4: releases observed before stay what they were.
TEST_F(ObservedSourceTest, WhatWasObservedBeforeSignaturesAreWantedStays) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Set("spark", 0, "6.6");
  Set("zoo", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable, Admission::kSshsig);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "spark 0 1 observed current"));
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_EQ(VersionOf("spark", 0), "1.0");
  EXPECT_EQ(VersionOf("zoo", 0), "");
  EXPECT_THAT(RefusedRules(),
              ElementsAre("record.evidence", "record.evidence"));
  files_.erase(FileOf("kafka", 0));
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn",
                                    "spark 0 1 observed current"));
}

TEST_F(ObservedSourceTest, ASourceThatAdmitsNothingServesNothing) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  ASSERT_THAT(registry_->RemoveSource("u"), IsOk());
  Add(RevisionMode::kImmutable, Admission::kNone);
  EXPECT_THAT(Served(), IsEmpty());
  EXPECT_THAT(RefusedRules(), ElementsAre("record.evidence"));
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed withdrawn"));
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

// trust.md §12.2.
TEST_F(ObservedSourceTest, AReservedNameIsNotObservedUntilItIsOpen) {
  WriteNames("reserve acme-*\n");
  Set("acme-db", 0, "1.0");
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kImmutable);
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current"));
  EXPECT_EQ(VersionOf("acme-db", 0), "");
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved"));
  // A walk says so too.
  Set("acme-db", 1, "1.1");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved", "name.reserved"));
  const int64_t size = Size();
  // No commit is new.
  WriteNames("reserve other-*\n");
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_THAT(Logged(), ElementsAre("acme-db 0 1 observed current",
                                    "acme-db 1 1 observed current",
                                    "kafka 0 1 observed current"));
  EXPECT_EQ(VersionOf("acme-db", 1), "1.1");
  EXPECT_THAT(RefusedRules(), IsEmpty());
  // Two releases and an index leaf.
  EXPECT_EQ(Size(), size + 3);
}

TEST_F(ObservedSourceTest, WhatWasObservedBeforeItsNameIsReservedStays) {
  Set("kafka", 0, "1.0");
  Set("spark", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  WriteNames("reserve *\n");
  Set("kafka", 0, "6.6");
  files_.erase(FileOf("spark", 0));
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_THAT(RefusedRules(), ElementsAre("name.reserved"));
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed current",
                                    "spark 0 1 observed withdrawn"));
  // The same from the log alone.
  LoseIndex();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  // A binding opens it.
  WriteNames("reserve *\nbind kafka sha256:" + std::string(64, '0') + "\n");
  Reopen();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "6.6");
  EXPECT_THAT(Logged(), ElementsAre("kafka 0 1 observed superseded",
                                    "kafka 0 2 observed current",
                                    "spark 0 1 observed withdrawn"));
}

TEST_F(ObservedSourceTest, NamesThatCannotBeReadLetNothingNewIn) {
  Set("kafka", 0, "1.0");
  Commit();
  Add(RevisionMode::kMutable);
  WriteNames("reserve\n");
  Set("kafka", 1, "1.1");
  Commit();
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 0), "1.0");
  EXPECT_EQ(VersionOf("kafka", 1), "");
  EXPECT_THAT(RefusedRules(), ElementsAre("trust.syntax"));
  WriteNames("");
  ASSERT_THAT(Sync(), IsOk());
  EXPECT_EQ(VersionOf("kafka", 1), "1.1");
  EXPECT_THAT(RefusedRules(), IsEmpty());
}

TEST_F(ObservedSourceTest, AReleaseWhoseRecordWouldBeTooLongIsRefused) {
  Set("kafka", 0, "1.0");
  Set("kafka", 1, "1.0");
  for (int i = 0; i < 200; ++i) {
    files_[absl::StrCat("repo/packages/K/kafka/0/", std::string(100, 'f'), i)] =
        {"x"};
  }
  Commit();
  Add(RevisionMode::kMutable);
  EXPECT_THAT(Logged(), ElementsAre("kafka 1 1 observed current"));
  EXPECT_THAT(RefusedRules(), ElementsAre("content.size"));
}

}  // namespace
}  // namespace orrery::registry
