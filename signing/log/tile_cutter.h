#ifndef SIGNING_LOG_TILE_CUTTER_H_
#define SIGNING_LOG_TILE_CUTTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tile.h"

namespace orrery::signing {

struct Tile {
  TileId id;
  std::string bytes;  // 32 a hash
};

// Cuts a growing log into tiles. Keeps the right edge of the tree, at most 255
// hashes a level. Not thread-safe.
class TileCutter {
 public:
  TileCutter() = default;
  // Goes on with a log of `size` leaves: `hashes` tells its right edge.
  static absl::StatusOr<TileCutter> Resume(uint64_t size, HashReader& hashes);

  void Append(const Digest& leaf_hash);

  uint64_t size() const { return size_; }
  Digest Root() const;

  // The tiles that have become full since the last call, in the order in which
  // they did.
  std::vector<Tile> TakeFull();
  // The partial tiles of the present size, level 0 first. Publish none for
  // sizes that are not published.
  std::vector<Tile> Edge() const;

 private:
  uint64_t size_ = 0;
  // By level, the bytes of its tile that is not full yet.
  std::vector<std::string> edge_;
  std::vector<Tile> full_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_TILE_CUTTER_H_
