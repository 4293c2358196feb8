// Repositories that no git program would make, followed by a registry: what
// cannot be read fails the sync and takes nothing away, what the layout forbids
// is refused where it stands.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tests::GitFixture;
using Entries = std::vector<GitFixture::Entry>;

constexpr uint32_t kDirectory = 0040000;
constexpr uint32_t kFile = 0100644;
constexpr uint32_t kLink = 0120000;
constexpr uint32_t kSubmodule = 0160000;

// No object has it.
const std::string& Missing() {
  static const std::string missing(40, 'a');
  return missing;
}

class HostileSourceTest : public ::testing::Test {
 protected:
  HostileSourceTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(), "hostile",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    git_ = std::make_unique<GitFixture>(folder_ + "/git");
    store_ = *SqliteStateStore::Open(":memory:");
    Registry::Options options;
    options.data_dir = folder_ + "/data";
    options.durable = false;
    registry_ = *Registry::Open(options, store_.get());
    git_->CommitTree("main", Root(Packages({{"kafka", Release("kafka")}})));
    Source source;
    source.mode = signing::RevisionMode::kMutable;
    source.name = "u";
    source.url = git_->path();
    EXPECT_THAT(registry_->AddSource(source, {}), IsOk());
    EXPECT_THAT(Sync(), IsOk());
  }

  absl::Status Sync() {
    return registry_->SyncSource("u", false, absl::InfiniteFuture()).status();
  }
  absl::Status Push(const std::string& root) {
    git_->CommitTree("main", root);
    return Sync();
  }

  std::string PackageJson(const std::string& name) {
    return absl::StrCat(R"({"packagingVersion":"4.0","name":")", name,
                        R"(","version":"1","maintainer":"m",)",
                        R"("description":"d","tags":[]})");
  }
  // The tree of a good release.
  std::string Release(const std::string& name) {
    return git_->WriteFiles({{"package.json", {PackageJson(name)}}});
  }
  // `repo/packages` with a release 0 of each name, whose tree is given.
  std::string Packages(const std::map<std::string, std::string>& releases) {
    std::map<char, Entries> letters;
    for (const auto& [name, tree] : releases) {
      letters[static_cast<char>(name[0] - 'a' + 'A')].push_back(
          {kDirectory, name, git_->WriteTree({{kDirectory, "0", tree}})});
    }
    Entries entries;
    for (const auto& [letter, names] : letters) {
      entries.push_back(
          {kDirectory, std::string(1, letter), git_->WriteTree(names)});
    }
    return git_->WriteTree(entries);
  }
  std::string Root(const std::string& packages, Entries beside = {}) {
    beside.push_back({kDirectory, "repo",
                      git_->WriteTree({{kDirectory, "packages", packages}})});
    return git_->WriteTree(beside);
  }

  std::vector<std::string> Served() {
    return tests::ServedReleases(*registry_->snapshot());
  }
  std::vector<std::string> Refused() {
    return tests::RefusedPlaces(*registry_->GetSource("u")->contents);
  }
  // Of a failed sync: what was served is served on.
  void ExpectUntouched() {
    EXPECT_THAT(Served(), ElementsAre("kafka/0"));
    EXPECT_THAT(Refused(), IsEmpty());
    EXPECT_EQ(registry_->GetSource("u")->state, SyncState::kFailed);
    EXPECT_NE(registry_->GetSource("u")->error, std::nullopt);
  }

  const std::string folder_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(HostileSourceTest, MillionEntriesBesideTheFolderAreNotCounted) {
  Entries beside;
  for (int i = 0; i < 1'000'000; ++i) {
    beside.push_back({kDirectory, absl::StrCat("f", i), Missing()});
  }
  EXPECT_THAT(Push(Root(Packages({{"kafka", Release("kafka")},
                                  {"spark", Release("spark")}}),
                        std::move(beside))),
              IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0", "spark/0"));
}

TEST_F(HostileSourceTest, MillionEntriesInADirectoryFailOrRefuseInPlace) {
  Entries entries;
  for (int i = 0; i < 1'000'000; ++i) {
    entries.push_back({kFile, absl::StrCat(i), Missing()});
  }
  const std::string many = git_->WriteTree(entries);
  EXPECT_THAT(Push(Root(git_->WriteTree({{kDirectory, "K", many}}))),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("repo/packages/K: tree")));
  ExpectUntouched();
  EXPECT_THAT(Push(Root(many)), StatusIs(absl::StatusCode::kResourceExhausted,
                                         HasSubstr("repo/packages: tree")));
  ExpectUntouched();
  EXPECT_THAT(
      Push(Root(Packages({{"kafka", Release("kafka")}, {"spark", many}}))),
      IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), ElementsAre("repo/packages/S/spark/0: limits"));
}

// 5 trees that stand for 10^10 paths.
TEST_F(HostileSourceTest, TreesThatExpandWithoutEndFailByTheirCount) {
  std::string tree = Release("kafka");
  for (int level = 0; level < 2; ++level) {
    Entries entries;
    for (int i = 0; i < 100'000; ++i) {
      entries.push_back(
          {kDirectory, level == 0 ? absl::StrCat(i) : absl::StrCat("k", i, "k"),
           tree});
    }
    tree = git_->WriteTree(entries);
  }
  EXPECT_THAT(Push(Root(git_->WriteTree({{kDirectory, "K", tree}}))),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("beyond 1500000 entries")));
  ExpectUntouched();
}

TEST_F(HostileSourceTest, DepthInsideAReleaseIsNotDescendedInto) {
  std::string tree = Missing();
  for (int i = 0; i < 3000; ++i) {
    tree = git_->WriteTree({{kDirectory, "d", tree}});
  }
  const std::string release = git_->WriteTree(
      {{kDirectory, "d", tree},
       {kFile, "package.json", git_->WriteBlob(PackageJson("spark"))}});
  EXPECT_THAT(
      Push(Root(Packages({{"kafka", Release("kafka")}, {"spark", release}}))),
      IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), ElementsAre("repo/packages/S/spark/0/d: layout"));
}

// What is not a directory where the layout wants one is refused or passed over,
// wherever it stands, and never opened.
TEST_F(HostileSourceTest, LinksAndSubmodulesAreRefusedInEveryPlace) {
  const std::string target = git_->WriteBlob("/etc");
  for (const uint32_t mode : {kLink, kSubmodule, 0010644u, 0040755u}) {
    const std::string object = mode == kLink ? target : Missing();
    const std::string spark = git_->WriteTree(
        {{mode, "0", object},
         {kDirectory, "1",
          git_->WriteTree({{mode, "config.json", object},
                           {kFile, "package.json",
                            git_->WriteBlob(PackageJson("spark"))}})}});
    const std::string kafka =
        git_->WriteTree({{kDirectory, "0", Release("kafka")}});
    ASSERT_THAT(
        Push(Root(git_->WriteTree(
                      {{mode, "A", object},
                       {kDirectory, "K",
                        git_->WriteTree({{kDirectory, "kafka", kafka}})},
                       {kDirectory, "S",
                        git_->WriteTree({{mode, "solr", object},
                                         {kDirectory, "spark", spark}})}}),
                  {{mode, "tools", object}})),
        IsOk());
    EXPECT_THAT(Served(), ElementsAre("kafka/0"));
    EXPECT_THAT(Refused(),
                UnorderedElementsAre(
                    "repo/packages/A: content.path",
                    "repo/packages/S/solr: content.path",
                    "repo/packages/S/spark/0: content.path",
                    "repo/packages/S/spark/1/config.json: content.path"));
  }
}

TEST_F(HostileSourceTest, FilesWhereDirectoriesBelongArePassedOver) {
  const std::string kafka = git_->WriteTree(
      {{kDirectory, "0", Release("kafka")}, {kFile, "1", Missing()}});
  EXPECT_THAT(Push(Root(git_->WriteTree(
                  {{kFile, "A", Missing()},
                   {kDirectory, "K",
                    git_->WriteTree({{kDirectory, "kafka", kafka},
                                     {kFile, "kafkb", Missing()}})}}))),
              IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), IsEmpty());
}

TEST_F(HostileSourceTest, NamesThatNoPackageHasAreRefusedUnopened) {
  const std::vector<std::string> names = {
      "..",   ".",      ".git",   ".GIT",    "Spark",
      "s",    "sp ark", "sp\xff", "sp\nark", std::string(300, 's'),
      "solr-"};
  Entries entries;
  for (const std::string& name : names) {
    entries.push_back({kDirectory, name, Missing()});
  }
  EXPECT_THAT(
      Push(Root(git_->WriteTree(
          {{kDirectory, "K",
            git_->WriteTree(
                {{kDirectory, "kafka",
                  git_->WriteTree({{kDirectory, "0", Release("kafka")}})}})},
           {kDirectory, "S", git_->WriteTree(entries)},
           {kDirectory, "..", Missing()},
           {kDirectory, ".git", Missing()},
           {kDirectory, "\xc3", Missing()}}))),
      IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), SizeIs(names.size() + 3));
}

TEST_F(HostileSourceTest, NamesThatNoReleaseHasRefuseIt) {
  const std::string package = git_->WriteBlob(PackageJson("spark"));
  for (const std::string& name :
       {std::string(".."), std::string("."), std::string(".git"),
        std::string("a/b"), std::string("../../../K/kafka/0/config.json"),
        std::string("a\nb"), std::string("\xff"), std::string(201, 'a'),
        std::string("Package.json"), std::string("package.json")}) {
    // Not in git's order, which is not relied on.
    const std::string release = git_->WriteTree(
        {{kFile, "package.json", package}, {kFile, name, package}});
    ASSERT_THAT(
        Push(Root(Packages({{"kafka", Release("kafka")}, {"spark", release}}))),
        IsOk())
        << name;
    EXPECT_THAT(Served(), ElementsAre("kafka/0")) << name;
    EXPECT_THAT(Refused(), ElementsAre(HasSubstr("content.path"))) << name;
  }
}

TEST_F(HostileSourceTest, CaseOnlyTwinsAreRefusedInEveryOrder) {
  const std::string package = git_->WriteBlob(PackageJson("kafka"));
  const std::string config = git_->WriteBlob("{}");
  const std::string good = git_->WriteTree({{kFile, "package.json", package}});
  Entries twin = {{kFile, "Config.json", config},
                  {kFile, "config.json", config},
                  {kFile, "package.json", package}};
  Entries letters = {
      {kDirectory, "K", ""},
      {kDirectory, "k",
       git_->WriteTree({{kDirectory, "kafka",
                         git_->WriteTree({{kDirectory, "1", good}})}})}};
  std::mt19937 random(1);
  for (int round = 0; round < 12; ++round) {
    Entries releases = {{kDirectory, "0", good},
                        {kDirectory, "2", git_->WriteTree(twin)}};
    std::shuffle(releases.begin(), releases.end(), random);
    Entries names = {
        {kDirectory, "Kafka", git_->WriteTree({{kDirectory, "0", good}})},
        {kDirectory, "kafka", git_->WriteTree(releases)}};
    std::shuffle(names.begin(), names.end(), random);
    for (GitFixture::Entry& letter : letters) {
      if (letter.name == "K") letter.id = git_->WriteTree(names);
    }
    ASSERT_THAT(Push(Root(git_->WriteTree(letters))), IsOk());
    EXPECT_THAT(Served(), ElementsAre("kafka/0"));
    EXPECT_THAT(Refused(),
                ElementsAre("repo/packages/K/Kafka: layout",
                            "repo/packages/K/kafka/2/config.json: content.path",
                            "repo/packages/k: layout"));
    std::shuffle(twin.begin(), twin.end(), random);
    std::shuffle(letters.begin(), letters.end(), random);
  }
}

TEST_F(HostileSourceTest, EntryThatStandsTwiceOnTheWayFailsTheSync) {
  const std::string packages = Packages({{"kafka", Release("kafka")}});
  EXPECT_THAT(
      Push(Root(packages, {{kFile, "repo", git_->WriteBlob("x")}})),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("\"repo\" twice")));
  ExpectUntouched();
  EXPECT_THAT(Push(Root(git_->WriteTree(
                  {{kDirectory, "K", Missing()}, {kFile, "K", Missing()}}))),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("repo/packages: the folder holds \"K\"")));
  ExpectUntouched();
}

// Each object on the way to a release and in it, one after the other.
TEST_F(HostileSourceTest, MissingObjectFailsTheSyncAndIsNamed) {
  const std::string blob = git_->WriteBlob(PackageJson("spark"));
  const std::string release = git_->WriteTree({{kFile, "package.json", blob}});
  const std::string name = git_->WriteTree({{kDirectory, "0", release}});
  const std::string letter = git_->WriteTree({{kDirectory, "spark", name}});
  const std::string packages = git_->WriteTree({{kDirectory, "S", letter}});
  const std::string repo =
      git_->WriteTree({{kDirectory, "packages", packages}});
  const std::string root = git_->WriteTree({{kDirectory, "repo", repo}});
  const std::string commit = git_->CommitTree("main", root);
  const std::vector<std::pair<std::string, std::string>> places = {
      {commit, "object"},
      {root, "the root folder"},
      {repo, "repo"},
      {packages, "repo/packages"},
      {letter, "repo/packages/S"},
      {name, "repo/packages/S/spark"},
      {release, "repo/packages/S/spark/0"},
      {blob, "repo/packages/S/spark/0/package.json"}};
  for (const auto& [object, place] : places) {
    const std::string path = absl::StrCat(
        git_->path(), "/objects/", object.substr(0, 2), "/", object.substr(2));
    std::filesystem::rename(path, folder_ + "/lost");
    EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(place)))
        << place;
    ExpectUntouched();
    std::filesystem::rename(folder_ + "/lost", path);
    const uintmax_t size = std::filesystem::file_size(path);
    std::filesystem::copy_file(path, folder_ + "/whole");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::filesystem::resize_file(path, size - 6);
    EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kDataLoss)) << place;
    ExpectUntouched();
    std::filesystem::rename(folder_ + "/whole", path);
  }
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("spark/0"));
}

TEST_F(HostileSourceTest, HugeFileIsRefusedByItsSize) {
  // As long as nobody reads it, only its size is known.
  const std::string huge = git_->WriteBlob(std::string(64 << 20, '{'));
  const std::string release = git_->WriteTree(
      {{kFile, "config.json", huge},
       {kFile, "package.json", git_->WriteBlob(PackageJson("spark"))}});
  EXPECT_THAT(
      Push(Root(Packages({{"kafka", Release("kafka")}, {"spark", release}}))),
      IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0"));
  EXPECT_THAT(Refused(), ElementsAre("repo/packages/S/spark/0: limits"));
}

// A history in which every commit changes very much: one step to its end.
TEST_F(HostileSourceTest, HistoryThatChangesTooMuchIsTakenInOneStep) {
  Entries releases;
  for (int i = 0; i < 3000; ++i) {
    releases.push_back({kSubmodule, absl::StrCat(i), Missing()});
  }
  const std::string many = Root(git_->WriteTree(
      {{kDirectory, "K",
        git_->WriteTree({{kDirectory, "kafka", git_->WriteTree(releases)}})}}));
  const std::string good = Root(
      Packages({{"kafka", Release("kafka")}, {"spark", Release("spark")}}));
  for (int i = 0; i < 200; ++i) {
    git_->CommitTree("main", i % 2 == 0 ? many : good);
  }
  EXPECT_THAT(Sync(), IsOk());
  EXPECT_THAT(Served(), ElementsAre("kafka/0", "spark/0"));
  EXPECT_THAT(Refused(), IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
