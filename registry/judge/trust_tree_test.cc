#include "registry/judge/trust_tree.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tests::GitFixture;

class TrustTreeTest : public ::testing::Test {
 protected:
  TrustTreeTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "trust_tree_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    git_ = std::make_unique<GitFixture>(path_);
    repository_ = *GitRepository::Open(path_);
  }

  // The id of a folder `trust` with these files.
  std::optional<ObjectId> Trust(const GitFixture::Files& files) {
    return *ObjectId::ParseHex(git_->WriteFiles(files));
  }

  const std::string path_;
  std::unique_ptr<GitFixture> git_;
  std::unique_ptr<GitRepository> repository_;
  const TreeLimits limits_;
};

TEST_F(TrustTreeTest, ChangedPackagesAreThoseWhoseFoldersDiffer) {
  const auto before = Trust({{"kafka/000001.stmt", {"a"}},
                             {"spark/000001.stmt", {"a"}},
                             {"gone/000001.stmt", {"a"}}});
  const auto after = Trust({{"kafka/000001.stmt", {"b"}},
                            {"spark/000001.stmt", {"a"}},
                            {"acme/db/000001.stmt", {"a"}},
                            {"Bad_Name/000001.stmt", {"a"}},
                            {"README", {"a"}}});
  EXPECT_THAT(ChangedStatements(*repository_, before, after, limits_),
              IsOkAndHolds(ElementsAre("acme", "acme/db", "gone", "kafka")));
  EXPECT_THAT(ChangedStatements(*repository_, after, after, limits_),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ChangedStatements(*repository_, std::nullopt, before, limits_),
              IsOkAndHolds(ElementsAre("gone", "kafka", "spark")));
}

TEST_F(TrustTreeTest, LinksInThePlacesOfFoldersCount) {
  const auto before = Trust({{"kafka/000001.stmt", {"a"}},
                             {"spark", {"kafka", 0120000}},
                             {"acme/db", {"x", 0120000}}});
  const auto after = Trust({{"kafka", {"spark", 0120000}},
                            {"spark", {"elsewhere", 0120000}},
                            {"acme/db", {"y", 0120000}}});
  EXPECT_THAT(ChangedStatements(*repository_, before, after, limits_),
              IsOkAndHolds(ElementsAre("acme", "acme/db", "kafka", "spark")));
  for (const auto& [path, link] :
       std::map<std::string, std::string>{{"kafka", "kafka"},
                                          {"spark/db", "spark"},
                                          {"acme/db", "acme/db"},
                                          {"acme", ""},
                                          {"acme/other", ""},
                                          {"gone/db", ""}}) {
    EXPECT_THAT(FindLink(*repository_, *after, path, limits_),
                IsOkAndHolds(link))
        << path;
  }
}

TEST_F(TrustTreeTest, StatementsHaveTheirSignaturesAndNothingElse) {
  const auto trust = Trust({{"kafka/000001.stmt", {"a"}},
                            {"kafka/000001.stmt.sig", {"b"}},
                            {"kafka/000001.stmt.bob.sig", {"c"}},
                            {"kafka/000002.stmt.sig", {"d"}},
                            {"kafka/000003.stmt", {"target", 0120000}},
                            {"kafka/notes.txt", {"e"}}});
  const auto statements = ReadStatements(*repository_, trust, "kafka", limits_);
  ASSERT_THAT(statements, IsOkAndHolds(SizeIs(3)));
  EXPECT_TRUE(statements->at(1).statement.has_value());
  EXPECT_THAT(statements->at(1).signatures, SizeIs(2));
  EXPECT_FALSE(statements->at(2).statement.has_value());
  EXPECT_EQ(statements->at(2).irregular, "");
  EXPECT_FALSE(statements->at(3).statement.has_value());
  EXPECT_EQ(statements->at(3).irregular, "000003.stmt");
}

TEST_F(TrustTreeTest, OneSignatureTooManyIsSeenAndNoMore) {
  GitFixture::Files files = {{"kafka/000001.stmt", {"a"}}};
  for (int i = 0; i < 20; ++i) {
    files[absl::StrCat("kafka/000001.stmt.s", i, ".sig")] = {"b"};
  }
  const auto statements =
      ReadStatements(*repository_, Trust(files), "kafka", limits_);
  ASSERT_THAT(statements, IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(statements->at(1).signatures, SizeIs(9));
}

TEST_F(TrustTreeTest, APackageWithoutAFolderHasNoStatements) {
  EXPECT_THAT(ReadStatements(*repository_, std::nullopt, "kafka", limits_),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ReadStatements(*repository_, Trust({{"kafka", {"a file"}}}),
                             "kafka", limits_),
              IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace orrery::registry
