// Where a look begins: behind the log, beside it, or with another history.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/observed_source_testing.h"
#include "registry/registry.h"
#include "signing/record/record.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::RevisionMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using SourceHistoryTest = ObservedSourceTest;

TEST_F(SourceHistoryTest, AnIndexThatIsBehindTheLogCatchesUpAndLogsNothing) {
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
TEST_F(SourceHistoryTest, WithoutItsIndexAWalkBeginsWhereTheLogStands) {
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

TEST_F(SourceHistoryTest, AnIndexOlderThanTheLogItselfIsLogged) {
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

TEST_F(SourceHistoryTest, ARewrittenHistoryLogsNothingUntilItIsAccepted) {
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

TEST_F(SourceHistoryTest, AnAcceptedTipLetsNoLaterRewritePass) {
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

TEST_F(SourceHistoryTest, AMergeOfTheLoggedCommitGoesOn) {
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

TEST_F(SourceHistoryTest, HistoryIsLoggedFromTheCommitThatIsNamed) {
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

TEST_F(SourceHistoryTest, ATipBesideTheFirstCommitMayBeAccepted) {
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

TEST_F(SourceHistoryTest, ASourceNeverReadStandsStillSinceItsFirstLook) {
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

TEST_F(SourceHistoryTest, AFirstCommitThatIsNoIdIsRefused) {
  Commit();
  Source source;
  source.name = "u";
  source.url = git_->path();
  source.first_commit = "main";
  EXPECT_THAT(registry_->AddSource(source, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("main")));
}

}  // namespace
}  // namespace orrery::registry
