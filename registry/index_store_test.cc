#include "registry/index_store.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/content_packer.h"
#include "registry/index_record.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

IndexEntry MakeEntry(const std::string& directory) {
  auto release = std::make_shared<Release>();
  release->name = "kafka";
  release->release = 1200;
  release->version = "2.10.0-2.4.0";
  release->source = "u";
  release->directory = directory;
  release->hidden = true;
  release->selected = true;
  release->framework = true;
  release->maintainer = "ops@example.org";
  release->description = std::string(300, 'd');
  release->tags = {"a", ""};
  release->files = {{"link", 0120000, 0, std::nullopt},
                    {kPackageFile, 0100755, 7, signing::Digest::Of("package")}};
  Finding finding;
  finding.rule = "dup-key";
  finding.severity = Severity::kWarn;
  finding.refuses = true;
  finding.path = directory + "/package.json";
  finding.pointer = "/a~1b";
  finding.line = 17;
  finding.text = "twice";
  release->findings = {finding, Finding()};
  IndexEntry entry;
  entry.id = *ObjectId::ParseHex("0123456789abcdef0123456789abcdef01234567");
  entry.mode = kTreeMode;
  entry.verdict = Verdict::kServed;
  entry.release = release;
  entry.facts.directory = directory;
  entry.facts.name = "kafka";
  entry.facts.release = 1200;
  entry.facts.version = "2.10.0-2.4.0";
  entry.facts.upgrades_from = {"*"};
  entry.facts.downgrades_to = {"1", "2"};
  entry.facts.manager = "mom";
  entry.facts.cli_binaries = {{"https://x/y", "ab", "/cli/binaries"}};
  return entry;
}

PackedContent Pack(const std::string& bytes) {
  ContentPacker packer;
  return {signing::Digest::Of(bytes), bytes.size(), packer.Pack(bytes)};
}

class IndexStoreTest : public ::testing::Test {
 protected:
  IndexStoreTest()
      : path_(absl::StrCat(
            ::testing::TempDir(),
            ::testing::UnitTest::GetInstance()->current_test_info()->name(),
            ".db")) {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::remove(absl::StrCat(path_, end).c_str());
    }
    Reopen();
  }
  void Reopen() {
    store_ = nullptr;
    auto opened = IndexStore::Open(path_, {.durable = false});
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }

  const std::string path_;
  std::unique_ptr<IndexStore> store_;
};

TEST_F(IndexStoreTest, WhatWasAppliedIsLoadedAsItWas) {
  const IndexEntry entry = MakeEntry("repo/packages/K/kafka/1200");
  IndexChange change;
  change.source.name = "u";
  change.source.origin = "/srv/u";
  change.source.commit = "c0ffee";
  change.source.packages_tree = "beef";
  change.source.rules_version = 3;
  change.source.state = 2;
  change.source.error = "held";
  change.source.remote_commit = "f00d";
  change.source.last_change_time = absl::FromUnixMicros(1'600'000'000'000'001);
  change.put = {&entry};
  change.contents = {Pack("package")};
  change.revisions = {{"repo/packages/K/kafka/1200", entry.id, "c0ffee",
                       absl::FromUnixSeconds(1'400'000'000)},
                      {"repo/packages/K/kafka/1200", std::nullopt, "dead",
                       absl::FromUnixSeconds(1'400'000'001)}};
  ASSERT_THAT(store_->Apply(change), IsOk());
  Reopen();

  EXPECT_THAT(store_->LoadSources(), IsOkAndHolds(ElementsAre(change.source)));
  const auto entries = store_->LoadEntries("u");
  ASSERT_THAT(entries, IsOkAndHolds(SizeIs(1)));
  const IndexEntry& loaded = (*entries)[0];
  EXPECT_EQ(loaded.id, entry.id);
  EXPECT_EQ(loaded.mode, entry.mode);
  EXPECT_EQ(loaded.verdict, entry.verdict);
  EXPECT_TRUE(*loaded.release == *entry.release);
  EXPECT_EQ(loaded.facts.directory, entry.facts.directory);
  EXPECT_EQ(loaded.facts.version, entry.facts.version);
  EXPECT_EQ(loaded.facts.upgrades_from, entry.facts.upgrades_from);
  EXPECT_EQ(loaded.facts.downgrades_to, entry.facts.downgrades_to);
  EXPECT_EQ(loaded.facts.manager, entry.facts.manager);
  ASSERT_EQ(loaded.facts.cli_binaries.size(), 1);
  EXPECT_EQ(loaded.facts.cli_binaries[0].url, "https://x/y");
  EXPECT_EQ(loaded.facts.cli_binaries[0].pointer, "/cli/binaries");
  EXPECT_THAT(store_->Read(signing::Digest::Of("package")),
              IsOkAndHolds("package"));
  const auto revisions = store_->LoadRevisions("u");
  ASSERT_THAT(revisions, IsOkAndHolds(SizeIs(2)));
  EXPECT_EQ((*revisions)[0].tree, entry.id);
  EXPECT_EQ((*revisions)[1].tree, std::nullopt);
  EXPECT_EQ((*revisions)[1].commit, "dead");
}

TEST_F(IndexStoreTest, EntriesAreReplacedAndErased) {
  const IndexEntry first = MakeEntry("repo/packages/K/kafka/1");
  IndexEntry second = MakeEntry("repo/packages/K/kafka/2");
  IndexChange change;
  change.source.name = "u";
  change.put = {&first, &second};
  ASSERT_THAT(store_->Apply(change), IsOk());
  second.verdict = Verdict::kRefused;
  change.put = {&second};
  change.erase = {"repo/packages/K/kafka/1"};
  ASSERT_THAT(store_->Apply(change), IsOk());
  const auto entries = store_->LoadEntries("u");
  ASSERT_THAT(entries, IsOkAndHolds(SizeIs(1)));
  EXPECT_EQ((*entries)[0].verdict, Verdict::kRefused);
  ASSERT_THAT(store_->EraseSource("u"), IsOk());
  EXPECT_THAT(store_->LoadEntries("u"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(store_->LoadSources(), IsOkAndHolds(IsEmpty()));
}

TEST_F(IndexStoreTest, EqualContentIsStoredOnceAndUnusedIsDropped) {
  IndexChange change;
  change.source.name = "u";
  change.contents = {Pack("one"), Pack("two"), Pack("one"), Pack("")};
  ASSERT_THAT(store_->Apply(change), IsOk());
  EXPECT_THAT(store_->Read(signing::Digest::Of("one")), IsOkAndHolds("one"));
  EXPECT_THAT(store_->Read(signing::Digest::Of("")), IsOkAndHolds(""));
  EXPECT_THAT(store_->DropContentsExcept([](const signing::Digest& digest) {
    return digest == signing::Digest::Of("two");
  }),
              IsOk());
  EXPECT_THAT(store_->Read(signing::Digest::Of("one")),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->Read(signing::Digest::Of("two")), IsOkAndHolds("two"));
}

TEST_F(IndexStoreTest, DamagedContentIsDataLoss) {
  IndexChange change;
  change.source.name = "u";
  change.contents = {Pack("one")};
  change.contents[0].packed = Pack("two").packed;
  ASSERT_THAT(store_->Apply(change), IsOk());
  EXPECT_THAT(store_->Read(signing::Digest::Of("one")),
              StatusIs(absl::StatusCode::kDataLoss));
  change.contents = {Pack("three")};
  change.contents[0].packed.resize(4);
  ASSERT_THAT(store_->Apply(change), IsOk());
  EXPECT_THAT(store_->Read(signing::Digest::Of("three")),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(IndexRecordTest, EveryCutRecordIsDataLoss) {
  const std::string record =
      EncodeIndexEntry(MakeEntry("repo/packages/K/kafka/1"));
  ASSERT_THAT(DecodeIndexEntry(record, "u"), IsOk());
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_THAT(
        DecodeIndexEntry(absl::string_view(record).substr(0, size), "u"),
        StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
  EXPECT_THAT(DecodeIndexEntry(record + "x", "u"),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace orrery::registry
