#include "signing/log/tile_cutter.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/log/merkle.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::IsEmpty;

Digest Leaf(int i) { return LeafHash(absl::StrCat("leaf ", i)); }

std::set<std::string> Paths(const std::vector<Tile>& tiles) {
  std::set<std::string> paths;
  for (const Tile& tile : tiles) {
    EXPECT_EQ(tile.bytes.size(), tile.id.width * Digest::kSize);
    EXPECT_TRUE(paths.insert(FormatTilePath(tile.id)).second);
  }
  return paths;
}

TEST(TileCutterTest, TheTileIsThatOfTheExample) {
  TileCutter cutter;
  for (int i = 0; i < 8; ++i) cutter.Append(LeafHash(ExampleLeaf(i)));
  EXPECT_THAT(cutter.TakeFull(), IsEmpty());
  const std::vector<Tile> edge = cutter.Edge();
  ASSERT_EQ(edge.size(), 1);
  EXPECT_EQ(FormatTilePath(edge[0].id), "tile/0/000.p/8");
  EXPECT_EQ(Digest::Of(edge[0].bytes).Hex(),
            "a14c819a1da5df2169bb09fdf0b8a3091cdee69deeeeaac92c4beb97bac17023");
  EXPECT_EQ(cutter.Root().Hex(),
            "20e6bac6004bf9fb056df03e0619559142916db44af0aae5bc3489e7e54cb9ad");
}

// trust.md §11.2 counts them: 277 files.
TEST(TileCutterTest, SeventyThousandLeavesGive277Tiles) {
  TileCutter cutter;
  MerkleFrontier frontier;
  for (int i = 0; i < 70'000; ++i) {
    cutter.Append(Leaf(i));
    frontier.Append(Leaf(i));
  }
  EXPECT_EQ(Paths(cutter.Edge()),
            (std::set<std::string>{"tile/0/273.p/112", "tile/1/001.p/17",
                                   "tile/2/000.p/1"}));
  const std::set<std::string> full = Paths(cutter.TakeFull());
  EXPECT_EQ(full.size(), 274);
  EXPECT_TRUE(full.contains("tile/0/000"));
  EXPECT_TRUE(full.contains("tile/0/272"));
  EXPECT_TRUE(full.contains("tile/1/000"));
  EXPECT_EQ(cutter.Root(), frontier.Root());
}

TEST(TileCutterTest, RootAndSizeAreThoseOfTheTreeAtEachSize) {
  TileCutter cutter;
  MerkleFrontier frontier;
  EXPECT_EQ(cutter.Root(), frontier.Root());
  for (int i = 0; i < 1'030; ++i) {
    cutter.Append(Leaf(i));
    frontier.Append(Leaf(i));
    ASSERT_EQ(cutter.size(), frontier.size());
    ASSERT_EQ(cutter.Root(), frontier.Root()) << i;
  }
}

TEST(TileCutterTest, ATileThatIsFullHasNoEdge) {
  TileCutter cutter;
  for (int i = 0; i < 256; ++i) cutter.Append(Leaf(i));
  EXPECT_EQ(Paths(cutter.Edge()), std::set<std::string>{"tile/1/000.p/1"});
  EXPECT_EQ(Paths(cutter.TakeFull()), std::set<std::string>{"tile/0/000"});
  EXPECT_THAT(cutter.TakeFull(), IsEmpty());
}

// The subtrees of some tiles.
class Tiles final : public HashReader {
 public:
  explicit Tiles(std::vector<Tile> tiles) : tiles_(std::move(tiles)) {}

  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    for (const Tile& tile : tiles_) {
      if (tile.id.level * kTileHeight == level &&
          tile.id.index == index / kTileWidth) {
        return TileHash(tile.bytes, static_cast<int>(index % kTileWidth));
      }
    }
    return absl::NotFoundError("only the edge is needed");
  }

 private:
  std::vector<Tile> tiles_;
};

TEST(TileCutterTest, GoesOnFromTheEdge) {
  TileCutter whole;
  for (int i = 0; i < 66'000; ++i) whole.Append(Leaf(i));
  whole.TakeFull();
  Tiles edge(whole.Edge());
  auto resumed = TileCutter::Resume(66'000, edge);
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(resumed->Root(), whole.Root());
  for (int i = 66'000; i < 66'100; ++i) {
    whole.Append(Leaf(i));
    resumed->Append(Leaf(i));
  }
  EXPECT_EQ(resumed->Root(), whole.Root());
  EXPECT_EQ(Paths(resumed->Edge()), Paths(whole.Edge()));
  EXPECT_EQ(Paths(resumed->TakeFull()), Paths(whole.TakeFull()));
}

}  // namespace
}  // namespace orrery::signing
