#include "signing/log/tile_reader.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/log/entry_bundle.h"
#include "signing/log/tile_cutter.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

const auto kBadTile = Refused(RefusalCode::kLogTile);

std::string Leaf(uint64_t i) { return absl::StrCat("leaf ", i); }

// A log's files by path, and which were asked for.
class Files final : public TileSource {
 public:
  explicit Files(uint64_t size) : size_(size) {
    TileCutter cutter;
    std::string bundle;
    for (uint64_t i = 0; i < size; ++i) {
      cutter.Append(LeafHash(Leaf(i)));
      AppendEntry(Leaf(i), bundle);
      if (i % kTileWidth == kTileWidth - 1 || i == size - 1) {
        const int width = static_cast<int>(i % kTileWidth) + 1;
        (*this)[{TileId::kEntries, i / kTileWidth, width}] = bundle;
        bundle.clear();
      }
    }
    for (const Tile& tile : cutter.TakeFull()) (*this)[tile.id] = tile.bytes;
    for (const Tile& tile : cutter.Edge()) (*this)[tile.id] = tile.bytes;
    root_ = cutter.Root();
  }

  absl::StatusOr<std::string> ReadTile(const TileId& id) override {
    asked.push_back(FormatTilePath(id));
    const auto file = files_.find(asked.back());
    if (file == files_.end()) return absl::NotFoundError(asked.back());
    return file->second;
  }

  std::string& operator[](const TileId& id) {
    return files_[FormatTilePath(id)];
  }
  void Remove(const TileId& id) { files_.erase(FormatTilePath(id)); }

  absl::StatusOr<TileReader> Open() {
    return TileReader::Open(size_, root_, *this);
  }

  std::vector<std::string> asked;

 private:
  uint64_t size_;
  std::map<std::string, std::string> files_;
  Digest root_;
};

TEST(TileReaderTest, GivesEverySubtreeAndEntryOfTheLog) {
  Files files(70'000);
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  for (const uint64_t i : {0, 255, 256, 65'535, 65'536, 69'999}) {
    EXPECT_THAT(reader->Subtree(0, i), IsOkAndHolds(LeafHash(Leaf(i))));
  }
  EXPECT_THAT(reader->Subtree(3, 8'750),
              StatusIs(absl::StatusCode::kInvalidArgument));
  MerkleFrontier part;
  for (uint64_t i = 1'024; i < 2'048; ++i) part.Append(LeafHash(Leaf(i)));
  EXPECT_THAT(reader->Subtree(10, 1), IsOkAndHolds(part.Root()));
  const auto entries = reader->Entries(273);
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ(entries->size(), 112);
  EXPECT_EQ(entries->back(), Leaf(69'999));
  EXPECT_THAT(reader->Entries(274),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TileReaderTest, ProofsFromTilesHold) {
  Files files(70'000);
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  const Digest root = *TreeRoot(70'000, *reader);
  const Digest old_root = *TreeRoot(300, *reader);
  const auto inclusion = ProveInclusion(12'345, 70'000, *reader);
  ASSERT_THAT(inclusion, IsOk());
  EXPECT_THAT(
      CheckInclusion(*inclusion, 12'345, 70'000, LeafHash(Leaf(12'345)), root),
      IsOk());
  const auto consistency = ProveConsistency(300, 70'000, *reader);
  ASSERT_THAT(consistency, IsOk());
  EXPECT_THAT(CheckConsistency(*consistency, 300, old_root, 70'000, root),
              IsOk());
}

TEST(TileReaderTest, EachTileIsReadOnce) {
  Files files(70'000);
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(files.asked,
              ::testing::ElementsAre("tile/0/273.p/112", "tile/1/001.p/17",
                                     "tile/2/000.p/1"));
  files.asked.clear();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(reader->Subtree(0, 600), IsOk());
  EXPECT_THAT(files.asked, ::testing::ElementsAre("tile/1/000", "tile/0/002"));
}

TEST(TileReaderTest, AFlippedBitOfAnyTileIsFoundAndTheTileNotKept) {
  struct Case {
    TileId id;
    bool is_edge;
  };
  for (const Case& c : {Case{{0, 273, 112}, true}, Case{{1, 1, 17}, true},
                        Case{{2, 0, 1}, true}, Case{{0, 5, 256}, false},
                        Case{{1, 0, 256}, false}}) {
    Files files(70'000);
    const std::string good = files[c.id];
    files[c.id][17] ^= 4;
    auto reader = files.Open();
    if (c.is_edge) {
      EXPECT_THAT(reader, kBadTile);
      continue;
    }
    ASSERT_THAT(reader, IsOk());
    EXPECT_THAT(reader->Subtree(0, 5 * 256), kBadTile);
    // The same reader takes the right one afterwards.
    files[c.id] = good;
    EXPECT_THAT(reader->Subtree(0, 5 * 256),
                IsOkAndHolds(LeafHash(Leaf(5 * 256))));
  }
}

// Two forged tiles that agree with each other do not agree with the root.
TEST(TileReaderTest, TilesThatAgreeWithEachOtherAloneAreFound) {
  Files files(70'000);
  std::string& leaves = files[{0, 5, 256}];
  leaves[0] ^= 1;
  const Digest forged = TileSubtree(leaves, 0, kTileHeight);
  files[{1, 0, 256}].replace(5 * Digest::kSize, Digest::kSize,
                             std::string(forged.bytes()));
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(reader->Subtree(0, 5 * 256), kBadTile);
}

TEST(TileReaderTest, ATileOfAnotherLengthIsRefused) {
  for (const int change : {-1, 1, -32, 32}) {
    Files files(300);
    std::string& tile = files[{0, 0, 256}];
    tile.resize(tile.size() + change);
    auto reader = files.Open();
    ASSERT_THAT(reader, IsOk());
    EXPECT_THAT(reader->Subtree(0, 0), kBadTile);
    std::string& edge = files[{0, 1, 44}];
    edge.resize(edge.size() + change);
    EXPECT_THAT(files.Open(), kBadTile);
  }
}

TEST(TileReaderTest, AFullTileStandsForItsPartialOnes) {
  Files grown(512);
  Files files(300);
  files.Remove({0, 1, 44});
  files.Remove({TileId::kEntries, 1, 44});
  EXPECT_THAT(files.Open(), StatusIs(absl::StatusCode::kNotFound));
  files[{0, 1, 256}] = grown[{0, 1, 256}];
  files[{TileId::kEntries, 1, 256}] = grown[{TileId::kEntries, 1, 256}];
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(reader->Subtree(0, 299), IsOkAndHolds(LeafHash(Leaf(299))));
  const auto entries = reader->Entries(1);
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ(entries->size(), 44);
}

TEST(TileReaderTest, AFullTileWithAnotherPrefixIsRefused) {
  Files files(300);
  files[{0, 1, 256}] = std::string(8'192, 'x');
  files.Remove({0, 1, 44});
  EXPECT_THAT(files.Open(), kBadTile);
}

TEST(TileReaderTest, EntriesAreThoseOfTheTreeAndNoMore) {
  Files files(300);
  const TileId id{TileId::kEntries, 1, 44};
  const std::string good = files[id];
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  AppendEntry("one more", files[id]);
  EXPECT_THAT(reader->Entries(1), kBadTile);
  files[id] = good;
  files[id].back() ^= 1;
  EXPECT_THAT(reader->Entries(1), kBadTile);
  files[id] = good;
  EXPECT_THAT(reader->Entries(1), IsOk());
}

// The 65 bytes of a node hash to the node only without the leaf's prefix.
TEST(TileReaderTest, ANodeIsNoEntry) {
  Files files(2);
  const std::string node = absl::StrCat("\x01", LeafHash(Leaf(0)).bytes(),
                                        LeafHash(Leaf(1)).bytes());
  const Digest root = Digest::Of(node);
  files[{0, 0, 1}] = std::string(root.bytes());
  files[{TileId::kEntries, 0, 1}].clear();
  AppendEntry(node, files[{TileId::kEntries, 0, 1}]);
  auto reader = TileReader::Open(1, root, files);
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(reader->Entries(0), kBadTile);
}

TEST(TileReaderTest, AnEmptyTreeHasNothingToRead) {
  Files files(0);
  auto reader = files.Open();
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(files.asked, ::testing::IsEmpty());
  EXPECT_THAT(reader->Subtree(0, 0),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader->Entries(0), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TileReaderTest, ATreeOfAHugeSizeIsRefusedAtItsFirstTile) {
  Files files(300);
  EXPECT_THAT(TileReader::Open((uint64_t{1} << 63) - 1, Digest(), files),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orrery::signing
