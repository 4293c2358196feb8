#include "registry/log/yanks.h"

#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/judge/tree_hash.h"
#include "signing/digest.h"
#include "signing/tree_hash.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using ::testing::Pointee;

ReleasePtr MakeRelease(int64_t number, const std::string& version) {
  auto release = std::make_shared<Release>();
  release->name = "kafka";
  release->release = number;
  release->version = version;
  release->source = "u";
  ReleaseContent file;
  file.name = "package.json";
  file.digest = Digest::Of(version);
  release->files = {file};
  return release;
}

class YanksTest : public ::testing::Test {
 protected:
  YanksTest() {
    package_.name = "kafka";
    package_.releases = {MakeRelease(2, "1.2"), MakeRelease(1, "1.1")};
    int64_t leaf = 0;
    for (const ReleasePtr& release : package_.releases) {
      Log(*release, ++leaf);
    }
  }

  void Log(const Release& release, int64_t leaf) {
    signing::RevisionEntry entry;
    entry.tree = *signing::TreeHash::Parse(TreeHash(release));
    entry.observed = leaf;
    log_.packages["kafka"].releases[{"u", release.release}].revisions.push_back(
        entry);
  }

  void Yank(int64_t release, std::optional<int64_t> revision) {
    log_.packages["kafka"].yanks.push_back(
        {"u", release, revision, 9, "broken"});
    log_.yanked.insert("kafka");
  }

  Yanks yanks() const {
    return Yanks(std::make_shared<signing::LogState>(log_));
  }

  signing::LogState log_;
  PackageEntry package_;
};

TEST_F(YanksTest, NothingIsTakenBackByNobody) {
  EXPECT_EQ(Yanks(nullptr).ReasonOf(*package_.releases[0]), nullptr);
  EXPECT_EQ(yanks().ReasonOf(*package_.releases[0]), nullptr);
  EXPECT_EQ(yanks().ReasonOf("spark", "u", 1, 1), nullptr);
  EXPECT_EQ(yanks().WithoutYanked(package_).releases, package_.releases);
}

TEST_F(YanksTest, ReasonIsThatOfTheContent) {
  Yank(2, 1);
  EXPECT_THAT(yanks().ReasonOf(*package_.releases[0]),
              Pointee(std::string("broken")));
  EXPECT_EQ(yanks().ReasonOf(*package_.releases[1]), nullptr);
  EXPECT_THAT(yanks().ReasonOf("kafka", "u", 2, 1),
              Pointee(std::string("broken")));
  EXPECT_EQ(yanks().ReasonOf("kafka", "u", 2, 2), nullptr);
  EXPECT_EQ(yanks().ReasonOf("kafka", "u", 2, 0), nullptr);
  EXPECT_EQ(yanks().ReasonOf("kafka", "other", 2, 1), nullptr);
  // A later revision is another content.
  const ReleasePtr revised = MakeRelease(2, "1.2.1");
  Log(*revised, 10);
  EXPECT_EQ(yanks().ReasonOf(*revised), nullptr);
}

TEST_F(YanksTest, WhatWasTakenBackIsPassedOver) {
  Yank(2, std::nullopt);
  EXPECT_EQ(yanks().WithoutYanked(package_).shown_release()->version, "1.1");
}

TEST_F(YanksTest, PackageOfWhichAllWasTakenBackIsStillShown) {
  Yank(2, std::nullopt);
  Yank(1, std::nullopt);
  EXPECT_EQ(yanks().WithoutYanked(package_).shown_release()->version, "1.2");
}

}  // namespace
}  // namespace orrery::registry
