#include "signing/log/tile_cutter.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::signing {

absl::StatusOr<TileCutter> TileCutter::Resume(uint64_t size,
                                              HashReader& hashes) {
  TileCutter cutter;
  cutter.size_ = size;
  for (int level = 0; TileLevelSize(size, level) != 0; ++level) {
    const uint64_t end = TileLevelSize(size, level);
    std::string bytes;
    for (uint64_t i = end - end % kTileWidth; i < end; ++i) {
      ORRERY_ASSIGN_OR_RETURN(const Digest hash,
                              hashes.Subtree(level * kTileHeight, i));
      absl::StrAppend(&bytes, hash.bytes());
    }
    cutter.edge_.push_back(std::move(bytes));
  }
  return cutter;
}

void TileCutter::Append(const Digest& leaf_hash) {
  ++size_;
  Digest hash = leaf_hash;
  for (size_t level = 0;; ++level) {
    if (level == edge_.size()) edge_.emplace_back();
    std::string& bytes = edge_[level];
    absl::StrAppend(&bytes, hash.bytes());
    if (bytes.size() < kTileWidth * Digest::kSize) return;
    hash = TileSubtree(bytes, 0, kTileHeight);
    const uint64_t count = TileLevelSize(size_, static_cast<int>(level));
    full_.push_back(
        {TileId{static_cast<int>(level), count / kTileWidth - 1, kTileWidth},
         std::exchange(bytes, "")});
  }
}

Digest TileCutter::Root() const {
  std::optional<Digest> root;
  for (const std::string& bytes : edge_) {
    // From the right: the subtrees that the bits of the width stand for.
    int end = static_cast<int>(bytes.size() / Digest::kSize);
    for (int height = 0; end != 0; ++height) {
      const int width = 1 << height;
      if ((end & width) == 0) continue;
      end -= width;
      const Digest left = TileSubtree(bytes, end, height);
      root = root ? NodeHash(left, *root) : left;
    }
  }
  return root ? *root : Digest::Of("");
}

std::vector<Tile> TileCutter::TakeFull() { return std::exchange(full_, {}); }

std::vector<Tile> TileCutter::Edge() const {
  std::vector<Tile> tiles;
  for (size_t level = 0; level < edge_.size(); ++level) {
    const std::string& bytes = edge_[level];
    if (bytes.empty()) continue;
    tiles.push_back(
        {TileId{static_cast<int>(level),
                TileLevelSize(size_, static_cast<int>(level)) / kTileWidth,
                static_cast<int>(bytes.size() / Digest::kSize)},
         bytes});
  }
  return tiles;
}

}  // namespace orrery::signing
