#include "signing/log/tile.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/log/merkle.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

TEST(TilePathTest, EachTileHasOnePath) {
  struct Case {
    TileId id;
    const char* path;
  };
  for (const Case& c : {
           Case{{0, 0, 256}, "tile/0/000"},
           Case{{0, 999, 256}, "tile/0/999"},
           Case{{0, 1000, 256}, "tile/0/x001/000"},
           Case{{0, 1234067, 256}, "tile/0/x001/x234/067"},
           Case{{1, 273, 112}, "tile/1/273.p/112"},
           Case{{7, 5, 1}, "tile/7/005.p/1"},
           Case{{TileId::kEntries, 12, 256}, "tile/entries/012"},
           Case{{TileId::kEntries, 1000, 255}, "tile/entries/x001/000.p/255"},
           Case{{0, 36028797018963967, 256},
                "tile/0/x036/x028/x797/x018/x963/967"},
       }) {
    EXPECT_EQ(FormatTilePath(c.id), c.path);
    EXPECT_THAT(ParseTilePath(c.path), IsOkAndHolds(c.id));
  }
}

TEST(TilePathTest, OtherPathsAreRefused) {
  for (const char* path : {"",
                           "/",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000",
                           "tile/0/x000/000",
                           "tile/0/001/000",
                           "tile/0/x1/000",
                           "tile/0/x001/",
                           "tile/0/x001",
                           "tile/0/000/",
                           "/tile/0/000",
                           "tile//0/000",
                           "tile/00/000",
                           "tile/8/000",
                           "tile/-1/000",
                           "tile/8/0/000",
                           "tile/data/000",
                           "tile/entries",
                           "tile/entries/0",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/1/",
                           "tile/0/000.p/1.p/1",
                           "tile/0/.p/1",
                           "tile/0/000.q/1",
                           "tile/0/+00",
                           "tile/0/x-01/000",
                           "tile/0/xx001/000",
                           "tile/0/../000",
                           "tile/0/x036/x028/x797/x018/x963/968",
                           "tile/0/x001/x000/x000/x000/x000/x000/000",
                           "tile/0/x999/x999/x999/x999/x999/999"}) {
    EXPECT_THAT(ParseTilePath(path), Refused(RefusalCode::kLogTile)) << path;
  }
}

TEST(TileTest, ALevelHasOneHashForEach256OfTheOneBelow) {
  EXPECT_EQ(TileLevelSize(70'000, 0), 70'000);
  EXPECT_EQ(TileLevelSize(70'000, 1), 273);
  EXPECT_EQ(TileLevelSize(70'000, 2), 1);
  EXPECT_EQ(TileLevelSize(70'000, 3), 0);
  EXPECT_EQ(TileLevelSize((uint64_t{1} << 63) - 1, 7), 127);
  EXPECT_EQ(TileLevelSize((uint64_t{1} << 63) - 1, 8), 0);
}

TEST(TileTest, SubtreesOfATileAreThoseOfTheTree) {
  std::string bytes;
  MerkleFrontier all;
  MerkleFrontier last_two;
  for (int i = 0; i < 8; ++i) {
    const Digest hash = LeafHash(absl::StrCat(i));
    absl::StrAppend(&bytes, hash.bytes());
    all.Append(hash);
    if (i >= 6) last_two.Append(hash);
    EXPECT_EQ(TileHash(bytes, i), hash);
  }
  EXPECT_EQ(TileSubtree(bytes, 0, 3), all.Root());
  EXPECT_EQ(TileSubtree(bytes, 6, 1), last_two.Root());
  EXPECT_EQ(TileSubtree(bytes, 5, 0), LeafHash("5"));
}

}  // namespace
}  // namespace orrery::signing
