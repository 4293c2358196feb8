#include "registry/judge/package_tree.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using tests::GitFixture;

constexpr uint32_t kDirectory = 040000;

absl::Status GoOn() { return absl::OkStatus(); }

class PackageTreeTest : public ::testing::Test {
 protected:
  PackageTreeTest()
      : git_(absl::StrCat(
            ::testing::TempDir(), "package_tree",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        repository_(*GitRepository::Open(git_.path())) {}

  // "+path", "-path" or "~path" for each change.
  std::vector<std::string> Diff(const std::string& before,
                                const std::string& after,
                                const TreeLimits& limits = {}) {
    const auto changes = DiffPackageTrees(*repository_, "p", Id(before),
                                          Id(after), limits, GoOn);
    if (!changes.ok()) return {std::string(changes.status().message())};
    std::vector<std::string> lines;
    for (const PackageTreeChange& change : *changes) {
      lines.push_back(absl::StrCat(!change.before.has_value()  ? "+"
                                   : !change.after.has_value() ? "-"
                                                               : "~",
                                   change.path()));
    }
    return lines;
  }
  static std::optional<ObjectId> Id(const std::string& hex) {
    if (hex.empty()) return std::nullopt;
    return *ObjectId::ParseHex(hex);
  }

  GitFixture git_;
  std::unique_ptr<GitRepository> repository_;
};

TEST_F(PackageTreeTest, ReleaseDirectoriesAreTheUnitOfChange) {
  const std::string before =
      git_.WriteFiles({{"K/kafka/0/package.json", {"a"}},
                       {"K/kafka/1/package.json", {"a"}},
                       {"S/spark/0/package.json", {"a"}},
                       {"S/solr/0/package.json", {"a"}}});
  const std::string after =
      git_.WriteFiles({{"K/kafka/0/package.json", {"b"}},
                       {"K/kafka/2/package.json", {"a"}},
                       {"S/spark/0/package.json", {"a"}}});
  EXPECT_THAT(Diff(before, after), ElementsAre("~p/K/kafka/0", "-p/K/kafka/1",
                                               "+p/K/kafka/2", "-p/S/solr/0"));
  EXPECT_THAT(Diff(after, after), IsEmpty());
  EXPECT_THAT(
      Diff("", after),
      UnorderedElementsAre("+p/K/kafka/0", "+p/K/kafka/2", "+p/S/spark/0"));
  EXPECT_THAT(
      Diff(after, ""),
      UnorderedElementsAre("-p/K/kafka/0", "-p/K/kafka/2", "-p/S/spark/0"));
}

TEST_F(PackageTreeTest, WhatTheLayoutForbidsIsNotDescendedInto) {
  const std::string deep = git_.WriteFiles({{"0/package.json", {"a"}}});
  // Trees that are named but not there: opening one would fail.
  const std::string missing(40, 'a');
  const std::string tree =
      git_.WriteTree({{kDirectory, "K",
                       git_.WriteTree({{kDirectory, "Kafka", missing},
                                       {kDirectory, "kafka", deep},
                                       {kDirectory, "spark", missing}})},
                      {kDirectory, "KK", missing},
                      {kDirectory, "k", missing},
                      {0160000, "M", missing}});
  EXPECT_THAT(Diff("", tree),
              UnorderedElementsAre("+p/K/Kafka", "+p/K/kafka/0", "+p/K/spark",
                                   "+p/KK", "+p/k", "+p/M"));
}

TEST_F(PackageTreeTest, FolderThatBecomesAFileTakesItsReleasesAway) {
  const std::string before =
      git_.WriteFiles({{"K/kafka/0/package.json", {"a"}}});
  const std::string after = git_.WriteFiles({{"K/kafka", {"file"}}});
  EXPECT_THAT(Diff(before, after),
              UnorderedElementsAre("+p/K/kafka", "-p/K/kafka/0"));
  EXPECT_THAT(Diff(after, before),
              UnorderedElementsAre("-p/K/kafka", "+p/K/kafka/0"));
}

TEST_F(PackageTreeTest, MissingTreeIsAFaultAndNotAnEmptyFolder) {
  const std::string tree =
      git_.WriteTree({{kDirectory, "K", std::string(40, 'a')}});
  EXPECT_THAT(
      DiffPackageTrees(*repository_, "p", std::nullopt, Id(tree), {}, GoOn),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr(std::string(40, 'a'))));
}

TEST_F(PackageTreeTest, EntryThatIsThereTwiceIsAFault) {
  const std::string release = git_.WriteFiles({{"package.json", {"a"}}});
  const std::string tree =
      git_.WriteTree({{kDirectory, "K",
                       git_.WriteTree({{kDirectory, "kafka", release},
                                       {kDirectory, "kafka", release}})}});
  EXPECT_THAT(
      DiffPackageTrees(*repository_, "p", std::nullopt, Id(tree), {}, GoOn),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("twice")));
}

TEST_F(PackageTreeTest, ParentEntriesAreNeverFollowed) {
  const std::string tree = git_.WriteTree(
      {{kDirectory, "..", std::string(40, 'a')},
       {kDirectory, "K",
        git_.WriteTree({{kDirectory, "..", std::string(40, 'a')}})}});
  EXPECT_THAT(Diff("", tree), UnorderedElementsAre("+p/..", "+p/K/.."));
}

// A few objects that stand for very many paths.
TEST_F(PackageTreeTest, ExpandingTreesStopAtTheLimitOfEntries) {
  std::vector<GitFixture::Entry> releases;
  const std::string release = git_.WriteFiles({{"package.json", {"a"}}});
  for (int i = 0; i < 300; ++i) {
    releases.push_back({kDirectory, absl::StrCat(i), release});
  }
  const std::string many = git_.WriteTree(releases);
  std::vector<GitFixture::Entry> names;
  for (int i = 100; i < 400; ++i) {
    names.push_back({kDirectory, absl::StrCat("k", i), many});
  }
  const std::string tree =
      git_.WriteTree({{kDirectory, "K", git_.WriteTree(names)}});
  TreeLimits limits;
  limits.max_entries = 10'000;
  EXPECT_THAT(Diff("", tree, limits),
              ElementsAre(HasSubstr("beyond 10000 entries")));
}

TEST_F(PackageTreeTest, HugeDirectoryIsRefusedBeforeItIsParsed) {
  std::vector<GitFixture::Entry> entries;
  for (int i = 0; i < 1000; ++i) {
    entries.push_back({0100644, absl::StrCat("f", i), std::string(40, 'a')});
  }
  const std::string tree = git_.WriteTree(entries);
  TreeLimits limits;
  limits.max_tree_bytes = 10'000;
  EXPECT_THAT(
      DiffPackageTrees(*repository_, "p", std::nullopt, Id(tree), limits, GoOn),
      StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(PackageTreeTest, NameWithASlashIsAFault) {
  const std::string release = git_.WriteFiles({{"package.json", {"a"}}});
  const std::string name = git_.WriteTree({{kDirectory, "0", release}});
  // Both would be p/K/kafka/0.
  const std::string tree =
      git_.WriteTree({{kDirectory, "K",
                       git_.WriteTree({{kDirectory, "kafka", name},
                                       {kDirectory, "kafka/0", release}})}});
  EXPECT_THAT(
      DiffPackageTrees(*repository_, "p", std::nullopt, Id(tree), {}, GoOn),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("p/K: the name \"kafka/0\"")));
}

TEST_F(PackageTreeTest, InterruptionEndsTheWalk) {
  const std::string tree = git_.WriteFiles({{"K/kafka/0/package.json", {"a"}}});
  int asked = 0;
  const auto stop = [&asked] {
    return ++asked < 2 ? absl::OkStatus() : absl::CancelledError("stop");
  };
  EXPECT_THAT(
      DiffPackageTrees(*repository_, "p", std::nullopt, Id(tree), {}, stop),
      StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(PackageTreeTest, OnlyTheWayToTheFolderIsOpened) {
  const std::string missing(40, 'a');
  const std::string packages = git_.WriteFiles({{"K/kafka/0/x", {"a"}}});
  const std::string repo = git_.WriteTree(
      {{kDirectory, "packages", packages}, {kDirectory, "z", missing}});
  const std::string root = git_.WriteTree({{kDirectory, "a", missing},
                                           {0100644, "b", missing},
                                           {kDirectory, "repo", repo},
                                           {0160000, "tools", missing}});
  EXPECT_THAT(FindTree(*repository_, *Id(root), PackagesPath(""), {}),
              IsOkAndHolds(Id(packages)));
}

TEST_F(PackageTreeTest, WhatIsNoFolderOnTheWayIsNoFolder) {
  const std::string blob = git_.WriteBlob("x");
  for (const uint32_t mode : {0100644u, 0120000u, 0160000u, 0040755u}) {
    const std::string root = git_.WriteTree({{mode, "repo", blob}});
    EXPECT_THAT(FindTree(*repository_, *Id(root), PackagesPath(""), {}),
                IsOkAndHolds(std::nullopt));
  }
  // A mode that lies about its object is a fault.
  const std::string root = git_.WriteTree({{kDirectory, "repo", blob}});
  EXPECT_THAT(FindTree(*repository_, *Id(root), PackagesPath(""), {}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("repo: object")));
}

TEST_F(PackageTreeTest, SubdirectoryMayBeThousandsOfLevelsDeep) {
  std::string tree = git_.WriteFiles({{"K/kafka/0/x", {"a"}}});
  std::string path;
  for (const char* name : {"packages", "repo"}) {
    tree = git_.WriteTree({{kDirectory, name, tree}});
  }
  for (int i = 0; i < 3000; ++i) {
    tree = git_.WriteTree({{kDirectory, "d", tree}});
    path += i == 0 ? "d" : "/d";
  }
  const auto found = FindTree(*repository_, *Id(tree), PackagesPath(path), {});
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
}

TEST_F(PackageTreeTest, FolderIsFoundBelowTheSubdirectory) {
  const std::string root =
      git_.WriteFiles({{"a/b/repo/packages/K/kafka/0/package.json", {"a"}}});
  EXPECT_EQ(PackagesPath(""), "repo/packages");
  EXPECT_EQ(PackagesPath("a/b"), "a/b/repo/packages");
  const auto found = FindTree(*repository_, *Id(root), PackagesPath("a/b"), {});
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(found->has_value());
  EXPECT_THAT(FindTree(*repository_, *Id(root), PackagesPath(""), {}),
              IsOkAndHolds(std::nullopt));
}

}  // namespace
}  // namespace orrery::registry
