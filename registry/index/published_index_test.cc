#include "registry/index/published_index.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/index/index_testing.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PublishedIndexTest : public ::testing::Test {
 protected:
  // A change of one source: releases 0 of packages with their labels, none for
  // those that go.
  using Change = std::map<std::string, std::string>;

  PublishedIndexTest()
      : path_(absl::StrCat(
            ::testing::TempDir(), "published_index",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    Reopen();
  }

  void Reopen() {
    published_ = nullptr;
    auto store = IndexStore::Open(path_ + "/index.db", {.durable = false});
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    published_ = std::make_unique<PublishedIndex>(store_);
  }

  static PublishedIndex::SourceFacts Facts(const std::string& source) {
    // The source "a" is better than others.
    return {source, "file:///" + source, source == "a" ? 1 : 100,
            "repo/packages", /*overlay_of=*/""};
  }

  absl::Status Publish(const std::string& source, const Change& change) {
    IndexUpdate update(store_.get(), source, Facts(source).folder);
    for (const auto& [name, version] : change) {
      IndexEntry entry = ServedForTest(name, 0, version);
      const std::string directory = entry.release->directory;
      if (version.empty()) {
        EXPECT_THAT(update.Erase(directory), IsOk());
        continue;
      }
      Release release = *entry.release;
      release.source = source;
      entry.release = std::make_shared<const Release>(release);
      EXPECT_THAT(update.Put(std::move(entry), {PackForTest(version)}), IsOk());
    }
    StoredSource stored;
    stored.name = source;
    stored.commit = std::string(40, 'c');
    return published_->Publish(std::move(update), Facts(source), stored, {},
                               [this] { return may_commit_; });
  }

  // "kafka/1.0 of a" of what a search finds.
  std::vector<std::string> Find(const std::string& text) {
    const auto result = published_->Search({.text = text});
    EXPECT_THAT(result, IsOk());
    std::vector<std::string> found;
    for (const ReleasePtr& release : result->releases) {
      found.push_back(absl::StrCat(release->name, "/", release->version, " of ",
                                   release->source));
    }
    return found;
  }
  // The label of release 0; empty when there is no such package.
  static std::string Label(const Snapshot& snapshot, const std::string& name) {
    const auto package = snapshot.FindPackage(name);
    EXPECT_THAT(package, IsOk());
    if (!package.ok() || *package == nullptr) return "";
    return (*package)->releases.front()->version;
  }
  int64_t CountEntries() {
    const auto reader = store_->Reader();
    auto query = *(*reader)->Prepare("SELECT count(*) FROM entry");
    EXPECT_THAT(query.Step(), IsOkAndHolds(true));
    return query.Int(0);
  }

  const std::string path_;
  std::shared_ptr<IndexStore> store_;
  std::unique_ptr<PublishedIndex> published_;
  absl::Status may_commit_;
};

TEST_F(PublishedIndexTest, EachChangeIsOneSnapshot) {
  const uint64_t before = published_->generation();
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  EXPECT_EQ(published_->generation(), before + 1);
  EXPECT_EQ(published_->snapshot()->visible_packages(), 2);
  ASSERT_THAT(Publish("u", {{"kafka", "2.0"}, {"spark", ""}}), IsOk());
  EXPECT_EQ(published_->generation(), before + 2);
  EXPECT_EQ(published_->snapshot()->visible_packages(), 1);
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/2.0 of u"));
  EXPECT_THAT(Find("spark"), IsEmpty());
}

TEST_F(PublishedIndexTest, AChangeIsOneOfThePackagesWhosePlacesItHas) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  const uint64_t kafka = published_->EpochOf("kafka");
  const uint64_t spark = published_->EpochOf("spark");
  ASSERT_THAT(Publish("u", {{"kafka", "2.0"}}), IsOk());
  EXPECT_GT(published_->EpochOf("kafka"), kafka);
  EXPECT_EQ(published_->EpochOf("spark"), spark);
  ASSERT_THAT(published_->Remove("u"), IsOk());
  EXPECT_GT(published_->EpochOf("spark"), spark);
}

TEST_F(PublishedIndexTest, WhatIsRefusedIsAChangeOfItsPackageToo) {
  IndexUpdate update(store_.get(), "u", Facts("u").folder);
  IndexEntry entry = ServedForTest("kafka", 0, "1.0");
  entry.verdict = Verdict::kRefused;
  ASSERT_THAT(update.Put(std::move(entry), {}), IsOk());
  StoredSource stored;
  stored.name = "u";
  const uint64_t kafka = published_->EpochOf("kafka");
  ASSERT_THAT(published_->Publish(std::move(update), Facts("u"), stored, {},
                                  [] { return absl::OkStatus(); }),
              IsOk());
  EXPECT_GT(published_->EpochOf("kafka"), kafka);
}

TEST_F(PublishedIndexTest, SnapshotStaysAsItWasWhateverIsPublished) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  const SnapshotPtr first = published_->snapshot();
  ASSERT_THAT(Publish("u", {{"kafka", "2.0"}, {"spark", ""}}), IsOk());
  ASSERT_THAT(Publish("u", {{"kafka", "3.0"}}), IsOk());
  ASSERT_THAT(published_->Remove("u"), IsOk());
  EXPECT_EQ(Label(*first, "kafka"), "1.0");
  EXPECT_EQ(Label(*first, "spark"), "1.0");
  const auto kafka = first->FindPackage("kafka");
  EXPECT_THAT(first->ReadFile(*(*kafka)->releases.front(), kPackageFile),
              IsOkAndHolds("1.0"));
  EXPECT_EQ(Label(*published_->snapshot(), "kafka"), "");
}

TEST_F(PublishedIndexTest, RowsThatNoSnapshotHasGoWithTheNextChange) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  SnapshotPtr first = published_->snapshot();
  ASSERT_THAT(Publish("u", {{"kafka", "2.0"}}), IsOk());
  ASSERT_THAT(Publish("u", {{"kafka", "3.0"}}), IsOk());
  EXPECT_EQ(CountEntries(), 4);
  first = nullptr;
  ASSERT_THAT(Publish("u", {{"kafka", "4.0"}}), IsOk());
  // 3.0 ended just now.
  EXPECT_EQ(CountEntries(), 3);
}

TEST_F(PublishedIndexTest, BetterSourceIsShownAsLongAsItHasThePackage) {
  ASSERT_THAT(Publish("b", {{"kafka", "9.0"}}), IsOk());
  ASSERT_THAT(Publish("a", {{"kafka", "1.0"}}), IsOk());
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/1.0 of a"));
  EXPECT_EQ(published_->snapshot()->visible_packages(), 1);
  ASSERT_THAT(published_->Remove("a"), IsOk());
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/9.0 of b"));
}

TEST_F(PublishedIndexTest, RemovalOfWhatIsNotThereMakesNoSnapshot) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}}), IsOk());
  const uint64_t before = published_->generation();
  EXPECT_THAT(published_->Remove("other"), IsOk());
  EXPECT_EQ(published_->generation(), before);
}

TEST_F(PublishedIndexTest, ChangeThatFailsIsNotSeen) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  const SnapshotPtr before = published_->snapshot();
  ASSERT_THAT(store_->Write([](SqliteDatabase& database) {
    return database.Execute(
        "UPDATE entry SET record = x'00' WHERE directory = "
        "CAST('repo/packages/S/spark/0' AS BLOB)");
  }),
              IsOk());
  EXPECT_THAT(Publish("u", {{"kafka", "2.0"}, {"spark", "2.0"}}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(published_->snapshot(), before);
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/1.0 of u"));
  EXPECT_TRUE(store_->IsDamaged(before->sources().front()->version.source));
}

TEST_F(PublishedIndexTest, ChangeThatMayNotBeCommittedIsNotSeen) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}}), IsOk());
  const SnapshotPtr before = published_->snapshot();
  may_commit_ = absl::ResourceExhaustedError("the disk is full");
  EXPECT_EQ(Publish("u", {{"kafka", "2.0"}}), may_commit_);
  EXPECT_EQ(published_->snapshot(), before);
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/1.0 of u"));
  may_commit_ = absl::OkStatus();
  EXPECT_THAT(Publish("u", {{"kafka", "3.0"}}), IsOk());
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/3.0 of u"));
}

// As after a crash between the writing and the publication of a version.
TEST_F(PublishedIndexTest, UpdateThatIsGivenUpIsUndoneByTheNext) {
  ASSERT_THAT(Publish("u", {{"kafka", "1.0"}, {"spark", "1.0"}}), IsOk());
  for (int round = 0; round < 2; ++round) {
    IndexUpdate given_up(store_.get(), "u", "repo/packages");
    ASSERT_THAT(given_up.Erase("repo/packages/S/spark/0"), IsOk());
    for (int i = 0; i < 1000; ++i) {
      ASSERT_THAT(given_up.Put(ServedForTest("kafka", i, "2.0"), {}), IsOk());
    }
    EXPECT_GT(CountEntries(), 500);
    EXPECT_EQ(Label(*published_->snapshot(), "spark"), "1.0");
  }
  Reopen();
  ASSERT_THAT(published_->Load(Facts("u"), std::string(40, 'c')), IsOk());
  ASSERT_THAT(published_->LoadEnd(), IsOk());
  EXPECT_EQ(Label(*published_->snapshot(), "kafka"), "1.0");
  ASSERT_THAT(Publish("u", {{"nifi", "1.0"}}), IsOk());
  EXPECT_EQ(Label(*published_->snapshot(), "kafka"), "1.0");
  EXPECT_EQ(Label(*published_->snapshot(), "spark"), "1.0");
  EXPECT_EQ(published_->snapshot()->sources().front()->releases, 3);
  EXPECT_EQ(CountEntries(), 3);
}

TEST_F(PublishedIndexTest, StartShowsWhatWasPublishedLast) {
  ASSERT_THAT(Publish("b", {{"kafka", "9.0"}, {"spark", "1.0"}}), IsOk());
  ASSERT_THAT(Publish("a", {{"kafka", "1.0"}}), IsOk());
  const uint64_t generation = published_->generation();
  Reopen();
  EXPECT_EQ(published_->snapshot()->visible_packages(), 0);
  for (const char* source : {"a", "b"}) {
    ASSERT_THAT(published_->Load(Facts(source), std::string(40, 'c')), IsOk());
  }
  ASSERT_THAT(published_->LoadEnd(), IsOk());
  EXPECT_EQ(published_->generation(), generation);
  EXPECT_EQ(published_->snapshot()->visible_packages(), 2);
  EXPECT_THAT(Find("kafka"), ElementsAre("kafka/1.0 of a"));
  EXPECT_THAT(Find("spark"), ElementsAre("spark/1.0 of b"));
}

// The nth publication gives all packages the label n and adds or takes away
// one: whatever an answer says must be of one of them.
TEST_F(PublishedIndexTest, EveryAnswerIsOfOneSnapshotWhileOthersArePublished) {
  constexpr int kPublications = 100;
  const auto change_of = [](int n) {
    const std::string label = absl::StrCat(n);
    return Change{{"kafka", label},
                  {"kafka-b", label},
                  {"kafka-c", label},
                  {"kafka-odd", n % 2 == 1 ? label : ""}};
  };
  ASSERT_THAT(Publish("u", change_of(0)), IsOk());
  const uint64_t first = published_->generation();

  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  const auto check = [&](const SearchResult& result) {
    const Snapshot& snapshot = *result.snapshot;
    const std::string label = absl::StrCat(snapshot.generation() - first);
    const size_t count = (snapshot.generation() - first) % 2 == 1 ? 4 : 3;
    const bool one =
        result.releases.size() == count &&
        snapshot.visible_packages() == static_cast<int64_t>(count) &&
        std::all_of(result.releases.begin(), result.releases.end(),
                    [&](const ReleasePtr& release) {
                      return release->version == label &&
                             Label(snapshot, release->name) == label;
                    });
    if (!one) ++wrong;
  };
  const auto read = [&] {
    uint64_t newest = 0;
    do {
      const auto found = published_->Search({.text = "kafka"});
      const auto listed = published_->List("", 10);
      if (!found.ok() || !listed.ok()) {
        ++wrong;
        return;
      }
      check(*found);
      check(*listed);
      // A later answer is never of an earlier snapshot.
      if (found->snapshot->generation() < newest ||
          listed->snapshot->generation() < found->snapshot->generation()) {
        ++wrong;
      }
      newest = listed->snapshot->generation();
    } while (!done);
  };
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    for (int n = 1; n <= kPublications; ++n) {
      EXPECT_THAT(Publish("u", change_of(n)), IsOk());
    }
    done = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(published_->generation(), first + kPublications);
}

}  // namespace
}  // namespace orrery::registry
