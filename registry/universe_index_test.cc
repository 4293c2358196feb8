// The real Universe through the whole registry: every count of
// universe-format.md that the index can answer.

#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using tests::GitFixture;

GitFixture::Files ReadArchive(const std::string& path) {
  GitFixture::Files files;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(
      archive_read_new(), &archive_read_free);
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  constexpr size_t kBlock = 1 << 16;
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) !=
      ARCHIVE_OK) {
    ADD_FAILURE() << path << ": " << archive_error_string(reader.get());
    return files;
  }
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    std::string bytes(static_cast<size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(reader.get(), bytes.data(), bytes.size());
    files[archive_entry_pathname(entry)] = {std::move(bytes)};
  }
  return files;
}

class UniverseIndexTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* data = std::getenv("ORRERY_TEST_DATA");
    if (data == nullptr || *data == '\0') return;
    const std::string folder = absl::StrCat(::testing::TempDir(), "universe");
    std::filesystem::remove_all(folder);
    GitFixture git(folder + "/git");
    git.Commit("main",
               ReadArchive(absl::StrCat(data, "/universe-packages.tar.zst")));
    store_ = SqliteStateStore::Open(":memory:")->release();
    Registry::Options options;
    options.data_dir = folder + "/data";
    options.durable = false;
    registry_ = Registry::Open(options, store_)->release();
    Source source;
    source.name = "universe";
    source.url = git.path();
    ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
    ASSERT_THAT(
        registry_->SyncSource("universe", false, absl::InfiniteFuture()),
        IsOk());
  }
  static void TearDownTestSuite() {
    delete registry_;
    delete store_;
  }

  void SetUp() override {
    if (registry_ == nullptr) GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    snapshot_ = registry_->snapshot();
    contents_ = *snapshot_->FindSource("universe");
  }

  static SqliteStateStore* store_;
  static Registry* registry_;
  SnapshotPtr snapshot_;
  SourceContents contents_;
};

SqliteStateStore* UniverseIndexTest::store_ = nullptr;
Registry* UniverseIndexTest::registry_ = nullptr;

TEST_F(UniverseIndexTest, EveryReleaseIsServed) {
  EXPECT_EQ(contents_.packages, 185);
  EXPECT_EQ(contents_.releases, 1235);
  EXPECT_EQ(contents_.hidden, 10);
  EXPECT_EQ(contents_.legacy_releases, 0);
  EXPECT_THAT(contents_.refused, IsEmpty());
}

TEST_F(UniverseIndexTest, NumbersOfReleasesAddUp) {
  int64_t sum = 0;
  int64_t files = 0;
  uint64_t bytes = 0;
  std::set<signing::Digest> contents;
  std::map<size_t, int> packages_by_releases;
  for (const PackagePtr& package : tests::AllPackages(*snapshot_)) {
    ++packages_by_releases[package->releases.size()];
    for (const ReleasePtr& release : package->releases) {
      sum += release->release;
      for (const ReleaseContent& file : release->files) {
        ++files;
        bytes += file.size;
        contents.insert(*file.digest);
      }
    }
  }
  EXPECT_EQ(sum, 458473);
  EXPECT_EQ(files, 4968);
  EXPECT_EQ(bytes, 32764589);
  EXPECT_EQ(contents.size(), 4035);
  EXPECT_EQ(packages_by_releases[1], 46);
}

TEST_F(UniverseIndexTest, HighestReleasesAreTheKnownOnes) {
  const struct {
    const char* name;
    size_t releases;
    int64_t highest;
    const char* version;
  } cases[] = {
      {"kafka", 57, 1200, "2.10.0-2.4.0"},
      {"marathon", 46, 301, "1.7.188"},
      {"marathon-lb", 46, 45, "1.15.0"},
      {"spark", 43, 1100, "2.12.0-3.0.1"},
      {"kubernetes", 39, 3610, "2.8.1-1.19.2"},
      {"dcos-core-cli", 23, 21000, "2.1-patch.0"},
      {"dcos-monitoring", 11, 10403, "v1.4.3"},
  };
  for (const auto& expected : cases) {
    const PackagePtr package = *snapshot_->FindPackage(expected.name);
    ASSERT_NE(package, nullptr) << expected.name;
    EXPECT_EQ(package->releases.size(), expected.releases) << expected.name;
    EXPECT_EQ(package->releases[0]->release, expected.highest);
    EXPECT_EQ(package->releases[0]->version, expected.version);
  }
}

TEST_F(UniverseIndexTest, HiddenPackagesAreTheKnownOnes) {
  std::set<std::string> hidden;
  int64_t hidden_releases = 0;
  int64_t selected = 0;
  for (const PackagePtr& package : tests::AllPackages(*snapshot_)) {
    if (package->default_release() == nullptr) hidden.insert(package->name);
    bool any_selected = false;
    for (const ReleasePtr& release : package->releases) {
      if (release->hidden) ++hidden_releases;
      if (release->selected) any_selected = true;
    }
    if (any_selected) ++selected;
  }
  EXPECT_EQ(hidden_releases, 32);
  EXPECT_EQ(selected, 29);
  EXPECT_THAT(hidden,
              UnorderedElementsAre("beakerx", "beta-marathon-lb", "dse",
                                   "marathon-lb-rc", "mongodb", "mongodb-admin",
                                   "mongodb-replicaset", "nexcloud",
                                   "percona-mongo", "sqlserver"));
}

TEST_F(UniverseIndexTest, FindingsAreCountedByRule) {
  std::map<std::string, int64_t> found;
  for (const char* rule :
       {"dup-key", "no-final-newline", "stray-file", "packaging-old",
        "version-not-semver", "version-moving", "version-reused",
        "version-order", "edge-self", "hidden", "known-issues",
        "min-dcos-trailing-zero", "config-root-type", "config-schema-uri",
        "asset-empty", "asset-plain-http"}) {
    const auto count = contents_.findings.find(rule);
    found[rule] = count == contents_.findings.end() ? 0 : count->second;
  }
  const std::map<std::string, int64_t> expected = {
      {"asset-empty", 2},
      {"asset-plain-http", 76},
      {"config-root-type", 68},
      {"config-schema-uri", 26},
      {"dup-key", 15},
      {"edge-self", 30},  // 15 releases, in both fields.
      {"hidden", 32},
      {"known-issues", 52},
      {"min-dcos-trailing-zero", 1},
      {"no-final-newline", 133},
      {"packaging-old", 137},
      {"stray-file", 1},
      {"version-moving", 5},
      {"version-not-semver", 161},
      {"version-order", 50},
      {"version-reused", 93},
  };
  EXPECT_EQ(found, expected);
}

TEST_F(UniverseIndexTest, EveryContentIsReadBack) {
  uint64_t bytes = 0;
  for (const PackagePtr& package : tests::AllPackages(*snapshot_)) {
    const Release& release = *package->releases.front();
    for (const ReleaseContent& file : release.files) {
      const auto content = snapshot_->ReadFile(release, file.name);
      ASSERT_THAT(content, IsOk()) << release.directory << file.name;
      ASSERT_EQ(content->size(), file.size);
      bytes += content->size();
    }
  }
  EXPECT_GT(bytes, 0);
}

TEST_F(UniverseIndexTest, SearchListsVisiblePackagesOnly) {
  const auto all = registry_->Search({.text = "", .limit = 1000});
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->releases.size(), 175);
}

// Lines of testdata/search_golden.txt.
TEST_F(UniverseIndexTest, GoldenQueriesFindWhatTheyShould) {
  std::ifstream golden("registry/testdata/search_golden.txt");
  ASSERT_TRUE(golden.is_open());
  int queries = 0;
  std::string line;
  while (std::getline(golden, line)) {
    if (line.empty() || line[0] == '#') continue;
    ++queries;
    const std::vector<std::string> sides = absl::StrSplit(line, " =>");
    ASSERT_EQ(sides.size(), 2) << line;
    const std::vector<std::string> answer = absl::StrSplit(sides[1], '?');
    ASSERT_EQ(answer.size(), 2) << line;
    const std::string first(absl::StripAsciiWhitespace(answer[0]));
    const std::vector<std::string> expected =
        absl::StrSplit(first, ", ", absl::SkipEmpty());

    const auto result = registry_->Search({sides[0]});
    ASSERT_THAT(result, IsOk()) << line;
    std::vector<std::string> found;
    for (const ReleasePtr& release : result->releases) {
      if (found.size() < expected.size() || expected.empty()) {
        found.push_back(release->name);
      }
    }
    EXPECT_EQ(found, expected) << line;
    EXPECT_EQ(absl::StrJoin(result->did_you_mean, ", "),
              absl::StripAsciiWhitespace(answer[1]))
        << line;
  }
  EXPECT_GT(queries, 30);
}

}  // namespace
}  // namespace orrery::registry
