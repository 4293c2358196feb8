#ifndef SIGNING_LOG_TILE_H_
#define SIGNING_LOG_TILE_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// A tile holds 2^8 hashes of one level of a log's tree (C2SP tlog-tiles; spec:
// trust.md §11.2).
inline constexpr int kTileHeight = 8;
inline constexpr int kTileWidth = 1 << kTileHeight;

// Names a tile: hash `i` of tile `index` of level `level` is the root over the
// leaves [(index·256 + i)·256^level, (index·256 + i + 1)·256^level). Or names
// the bundle of the entries whose hashes are in tile `index` of level 0.
struct TileId {
  static constexpr int kEntries = -1;
  static constexpr int kMaxLevel = 7;  // sizes are below 2^63

  int level = 0;
  uint64_t index = 0;
  int width = kTileWidth;  // hashes or entries in it: 1 to 256, 256 when full

  bool is_full() const { return width == kTileWidth; }
  auto operator<=>(const TileId&) const = default;
};

// "tile/0/x001/x234/067.p/112", "tile/entries/000".
std::string FormatTilePath(const TileId& id);
// The refusal log.tile for anything that FormatTilePath does not write.
absl::StatusOr<TileId> ParseTilePath(absl::string_view path);

// The full tile where there is a partial one.
inline TileId FullTile(TileId id) {
  id.width = kTileWidth;
  return id;
}

// How many hashes of `level` a tree of `size` leaves has.
uint64_t TileLevelSize(uint64_t size, int level);

// Hash `i` of a tile's bytes. Requires: they have as many.
Digest TileHash(absl::string_view bytes, int i);
// The root over the 2^height hashes from `first` on. Requires: as above.
Digest TileSubtree(absl::string_view bytes, int first, int height);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_TILE_H_
