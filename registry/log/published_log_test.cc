#include "registry/log/published_log.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/judge/content_packer.h"
#include "registry/log/registry_log_testing.h"
#include "signing/log/checkpoint.h"
#include "signing/log/merkle.h"
#include "signing/replay/catalog.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::TileId;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::Not;

class PublishedLogTest : public RegistryLogTest {};

TEST_F(PublishedLogTest, ServesTilesOfPublishedSizesOnly) {
  const auto log = OpenWithRelease();
  ASSERT_THAT(log->Append(Releases(1, 595), std::nullopt), IsOk());
  EXPECT_EQ(Entries(*log).size(), 600U);
  // 600 = 2 · 256 + 88.
  EXPECT_THAT(log->published().ReadTile({0, 0, 256}), IsOk());
  EXPECT_THAT(log->published().ReadTile({0, 2, 88}), IsOk());
  EXPECT_THAT(log->published().ReadTile({1, 0, 2}), IsOk());
  EXPECT_THAT(log->published().ReadTile({TileId::kEntries, 2, 88}), IsOk());
  // Of the sizes 2 and 4.
  EXPECT_THAT(log->published().ReadTile({0, 0, 4}), IsOk());
  for (const TileId& id :
       {TileId{0, 0, 3}, TileId{0, 2, 87}, TileId{0, 2, 89}, TileId{0, 2, 256},
        TileId{0, 3, 1}, TileId{1, 0, 1}, TileId{2, 0, 1},
        TileId{TileId::kEntries, 0, 5}, TileId{0, uint64_t{1} << 60, 256}}) {
    EXPECT_THAT(log->published().ReadTile(id),
                StatusIs(absl::StatusCode::kNotFound))
        << signing::FormatTilePath(id);
  }
}

TEST_F(PublishedLogTest, FindsLeavesByTheirHash) {
  const auto log = OpenWithRelease();
  const std::vector<std::string> entries = Entries(*log);
  EXPECT_THAT(log->published().ReadLeaf(signing::LeafHash(entries[2])),
              IsOkAndHolds(entries[2]));
  EXPECT_THAT(log->published().ReadLeaf(Digest::Of("")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PublishedLogTest, GivesACheckpointWithWhatItsLeavesSay) {
  auto log = Open();
  auto published = log->published().Read();
  ASSERT_THAT(published, IsOk());
  EXPECT_THAT(published->note, IsNull());
  EXPECT_THAT(published->state, IsNull());
  log.reset();
  log = OpenWithRelease();
  const auto first = log->published().Read();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->note, log->published().checkpoint());
  EXPECT_EQ(first->state->size, 4);
  // The same for all who ask.
  EXPECT_EQ(log->published().Read()->state, first->state);
  ASSERT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  const auto second = log->published().Read();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->note, log->published().checkpoint());
  EXPECT_EQ(second->state->size, 6);
  EXPECT_EQ(first->state->size, 4);
  // What was appended and not published is not of it.
  Break("keys/log.state");
  EXPECT_THAT(log->Append({Observed(2)}, std::nullopt), Not(IsOk()));
  EXPECT_EQ(log->published().Read()->state->size, 6);
  Mend();
  log.reset();
  log = Open();
  EXPECT_EQ(log->published().Read()->state->size, 6);
  EXPECT_EQ(log->published().Read()->note, log->published().checkpoint());
}

TEST_F(PublishedLogTest, KeepsTheCatalogsOfSixteenCheckpoints) {
  const auto log = OpenWithRelease();
  for (int64_t i = 1; i <= 16; ++i) {
    ASSERT_THAT(log->Append({Observed(i)}, std::nullopt), IsOk());
  }
  const std::vector<std::string> entries = Entries(*log);
  std::vector<bool> kept;
  for (size_t i = 1; i < entries.size(); i += 2) {
    kept.push_back(log->published().ReadCatalog(CatalogOf(entries[i])).ok());
  }
  ASSERT_EQ(kept.size(), 18U);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), true), 16);
  EXPECT_FALSE(kept[1]);
  EXPECT_TRUE(kept[2]);
}

TEST_F(PublishedLogTest, DropsThePackageLinesThatNoKeptCatalogHas) {
  {
    const auto log = OpenWithRelease();
    for (int64_t i = 1; i <= 30; ++i) {
      ASSERT_THAT(log->Append({Observed(i)}, std::nullopt), IsOk());
    }
  }
  // Fails where a row breaks it.
  Execute(
      "CREATE TABLE most (lines INTEGER CHECK (lines BETWEEN 16 AND 17)); "
      "INSERT INTO most SELECT count(*) FROM package_lines");
}

TEST_F(PublishedLogTest, KeepsTheCatalogOfACheckpointThatNoneFollows) {
  const auto log = OpenWithRelease();
  const std::string last = Entries(*log).back();
  Break("keys/log.state");
  for (int64_t i = 1; i <= 20; ++i) {
    EXPECT_THAT(log->Append({Observed(i)}, std::nullopt), Not(IsOk()));
  }
  Mend();
  EXPECT_THAT(log->published().ReadCatalog(CatalogOf(last)), IsOk());
  EXPECT_THAT(log->published().CatalogOf("hello"),
              IsOkAndHolds(HasSubstr("\nrelease universe 0 1 ")));
}

// Each index leaf names what a replay of the leaves before it gives.
TEST_F(PublishedLogTest, EveryCatalogIsThatOfAReplay) {
  const auto log = OpenWithRelease();
  signing::SourceRecord other = MutableSource();
  other.id = "other";
  ASSERT_THAT(log->LogSource(other), IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "zoo"), Observed(1)}, std::nullopt),
              IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt), IsOk());
  ASSERT_THAT(log->Append({Observed(1, 2)}, std::nullopt), IsOk());
  ASSERT_THAT(log->RetireSource("universe"), IsOk());
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  ASSERT_THAT(log->Append({Observed(1, 1, "adder")}, std::nullopt), IsOk());
  signing::Replay replay("registry.example/main");
  int catalogs = 0;
  for (const std::string& entry : Entries(*log)) {
    const std::string catalog = signing::PrintCatalog(replay.state());
    ASSERT_THAT(replay.Append(entry), IsOk());
    if (absl::StrContains(entry, "\nkind index\n")) {
      EXPECT_THAT(log->published().ReadCatalog(CatalogOf(entry)),
                  IsOkAndHolds(catalog));
      ++catalogs;
    }
  }
  EXPECT_EQ(catalogs, 9);
}

TEST_F(PublishedLogTest, GivesOfThePublishedCatalogOnePackage) {
  const auto log = Open();
  EXPECT_THAT(log->published().CatalogOf("hello"), IsOkAndHolds(""));
  ASSERT_THAT(log->LogSource(MutableSource()), IsOk());
  ASSERT_THAT(log->Append({Observed(0, 1, "adder"), Observed(0)}, std::nullopt),
              IsOk());
  EXPECT_THAT(log->published().CatalogOf("hello"),
              IsOkAndHolds(AllOf(HasSubstr("\nsource universe 1 "),
                                 HasSubstr("\npackage hello\n"),
                                 Not(HasSubstr("adder")))));
  EXPECT_THAT(log->published().CatalogOf("none"),
              IsOkAndHolds(AllOf(HasSubstr("\nsource universe 1 "),
                                 Not(HasSubstr("\npackage ")))));
}

// Rules may become stricter than those by which a leaf was logged.
TEST_F(PublishedLogTest, AVoidLeafIsSaidInEveryLaterCatalog) {
  OpenWithRelease().reset();
  // The tree keeps the hash that it had.
  Execute(
      "UPDATE leaf SET bytes = CAST('void' AS BLOB) WHERE idx = 2; DELETE FROM "
      "reading");
  const auto log = Open();
  ASSERT_NE(log, nullptr);
  ASSERT_THAT(log->Append({Observed(0)}, std::nullopt), IsOk());
  for (const absl::string_view package : {"hello", "none"}) {
    EXPECT_THAT(log->published().CatalogOf(package),
                IsOkAndHolds(HasSubstr("\nvoid 2 record.syntax\n")));
  }
  EXPECT_EQ(log->published().Read()->state->void_leaves.size(), 1U);
}

TEST_F(PublishedLogTest, ACheckpointIsAChangeOfThePackagesItsLeavesSpeakOf) {
  const auto log = OpenWithRelease();
  const uint64_t hello = log->published().EpochOf("hello");
  const uint64_t adder = log->published().EpochOf("adder");
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt), IsOk());
  EXPECT_EQ(log->published().EpochOf("hello"), hello);
  EXPECT_GT(log->published().EpochOf("adder"), adder);
  // The states of all of its releases may be others.
  signing::SourceRecord moved = MutableSource();
  moved.priority = 5;
  ASSERT_THAT(log->LogSource(moved), IsOk());
  EXPECT_GT(log->published().EpochOf("hello"), hello);
}

TEST_F(PublishedLogTest, WhatCouldNotBePublishedIsAChangeWhenItIs) {
  const auto log = OpenWithRelease();
  const uint64_t adder = log->published().EpochOf("adder");
  Break("keys/log.state");
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt),
              Not(IsOk()));
  EXPECT_EQ(log->published().EpochOf("adder"), adder);
  Mend();
  ASSERT_THAT(log->Append({Observed(1)}, std::nullopt), IsOk());
  EXPECT_GT(log->published().EpochOf("adder"), adder);
}

TEST_F(PublishedLogTest, WhatARunBeforeCouldNotPublishIsAChangeOfAll) {
  auto log = OpenWithRelease();
  Break("keys/log.state");
  ASSERT_THAT(log->Append({Observed(0, 1, "adder")}, std::nullopt),
              Not(IsOk()));
  Mend();
  log.reset();
  log = Open();
  const uint64_t spark = log->published().EpochOf("spark");
  log->Start();
  log->Stop();
  EXPECT_GT(log->published().EpochOf("spark"), spark);
}

}  // namespace
}  // namespace orrery::registry
