// The history of the real Universe, followed commit by commit.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/git/git_repository.h"
#include "registry/index/index_store.h"
#include "registry/index/reader_pool.h"
#include "registry/index/source_rows.h"
#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "tests/testing/all_packages.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

constexpr char kBranch[] = "walk";

// A registry with one source, which may be synced to any commit.
class FollowingRegistry {
 public:
  FollowingRegistry(const std::string& data_dir, const std::string& git)
      : git_(git), store_(*SqliteStateStore::Open(":memory:")) {
    std::filesystem::remove_all(data_dir);
    Registry::Options options;
    options.data_dir = data_dir;
    options.durable = false;
    registry_ = *Registry::Open(options, store_.get());
  }

  absl::Status SyncTo(const std::string& commit) {
    FILE* ref =
        std::fopen(absl::StrCat(git_, "/refs/heads/", kBranch).c_str(), "we");
    std::fputs(absl::StrCat(commit, "\n").c_str(), ref);
    std::fclose(ref);
    if (!added_) {
      Source source;
      source.mode = signing::RevisionMode::kMutable;
      source.name = "u";
      source.url = git_;
      source.ref = kBranch;
      const auto added = registry_->AddSource(source, {});
      if (!added.ok()) return added.status();
      added_ = true;
    }
    return registry_
        ->SyncSource("u", /*accept_removals=*/true, absl::InfiniteFuture())
        .status();
  }

  SnapshotPtr snapshot() const { return registry_->snapshot(); }

 private:
  const std::string git_;
  bool added_ = false;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

void ExpectEqual(const Snapshot& followed, const Snapshot& cold,
                 const std::string& where) {
  const std::vector<PackagePtr> followed_packages =
      tests::AllPackages(followed);
  const std::vector<PackagePtr> cold_packages = tests::AllPackages(cold);
  ASSERT_EQ(followed_packages.size(), cold_packages.size()) << where;
  for (size_t i = 0; i < cold_packages.size(); ++i) {
    const PackageEntry& a = *followed_packages[i];
    const PackageEntry& b = *cold_packages[i];
    ASSERT_EQ(a.name, b.name) << where;
    ASSERT_EQ(a.releases.size(), b.releases.size()) << where << a.name;
    for (size_t j = 0; j < b.releases.size(); ++j) {
      EXPECT_TRUE(*a.releases[j] == *b.releases[j])
          << where << " " << a.releases[j]->directory;
    }
  }
  ASSERT_EQ(followed.sources().size(), 1);
  const SourceContents& a = *followed.sources()[0];
  const SourceContents& b = *cold.sources()[0];
  EXPECT_EQ(static_cast<const SourceCounts&>(a),
            static_cast<const SourceCounts&>(b))
      << where;
  EXPECT_EQ(a.refused, b.refused) << where;
}

class HistoryReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("ORRERY_TEST_DATA");
    if (data == nullptr || *data == '\0') {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
    folder_ = absl::StrCat(::testing::TempDir(), "history");
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    git_ = folder_ + "/git";
    const std::string clone =
        absl::StrCat("git clone --quiet --bare -b universe-data ", data,
                     "/universe-history.bundle ", git_);
    ASSERT_EQ(std::system(clone.c_str()), 0);
    const auto repository = *GitRepository::Open(git_);
    std::optional<ObjectId> commit =
        *repository->ResolveRef("refs/heads/universe-data");
    while (commit.has_value()) {
      commits_.insert(commits_.begin(), commit->Hex());
      commit = repository->ReadCommit(*commit)->first_parent;
    }
    ASSERT_EQ(commits_.size(), 1599);
  }

  std::string folder_;
  std::string git_;
  // Oldest first.
  std::vector<std::string> commits_;
};

TEST_F(HistoryReplayTest, FollowedIndexEqualsAColdOne) {
  constexpr size_t kCompareEvery = 200;
  FollowingRegistry followed(folder_ + "/followed", git_);
  for (size_t i = 0; i < commits_.size(); ++i) {
    ASSERT_THAT(followed.SyncTo(commits_[i]), IsOk()) << i + 1;
    if (i % kCompareEvery != 30 && i + 1 != commits_.size()) continue;
    FollowingRegistry cold(folder_ + "/cold", git_);
    ASSERT_THAT(cold.SyncTo(commits_[i]), IsOk());
    ExpectEqual(*followed.snapshot(), *cold.snapshot(),
                absl::StrCat("commit ", i + 1));
  }
  EXPECT_EQ(followed.snapshot()->sources()[0]->releases, 1235);
}

// The counts of universe-format §18, from the revisions of one sync that walks
// all commits.
TEST_F(HistoryReplayTest, WalkRecordsEveryRevision) {
  {
    FollowingRegistry followed(folder_ + "/walked", git_);
    ASSERT_THAT(followed.SyncTo(commits_.front()), IsOk());
    ASSERT_THAT(followed.SyncTo(commits_.back()), IsOk());
  }
  const auto store = *IndexStore::Open(folder_ + "/walked/index.db", {});
  std::map<std::string, std::vector<ReleaseRevision>> by_directory;
  const auto reader = *store->Reader();
  const int64_t source = (*ReadIndex(*reader, "u"))->source;
  const auto revisions = ReadRevisions(*reader, source);
  ASSERT_THAT(revisions, IsOk());
  for (const ReleaseRevision& revision : *revisions) {
    by_directory[revision.directory].push_back(revision);
  }
  int additions = 0, removals = 0, returns = 0, changes = 0, alive = 0;
  int edited = 0;
  for (const auto& [directory, states] : by_directory) {
    bool there = false;
    bool seen = false;
    bool changed = false;
    for (const ReleaseRevision& state : states) {
      if (!state.tree.has_value()) {
        ++removals;
      } else if (!there) {
        ++additions;
        if (seen) ++returns;
      } else {
        ++changes;
        changed = true;
      }
      there = state.tree.has_value();
      seen = true;
    }
    if (there) ++alive;
    if (changed) ++edited;
  }
  EXPECT_EQ(by_directory.size(), 1273);
  EXPECT_EQ(alive, 1235);
  EXPECT_EQ(additions, 1324);
  EXPECT_EQ(removals, 89);
  EXPECT_EQ(returns, 51);
  EXPECT_EQ(changes, 3595);
  EXPECT_GT(edited, 1000);
}

}  // namespace
}  // namespace orrery::registry
