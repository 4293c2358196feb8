#include "catalog/verify/cached_tiles.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/log/entry_bundle.h"
#include "signing/refusal.h"

namespace orrery::catalog {
namespace {

int64_t MaxBytesOf(const signing::TileId& id) {
  constexpr int64_t kLengthBytes = 2;
  const int64_t each = id.level == signing::TileId::kEntries
                           ? kLengthBytes + signing::kMaxEntryBytes
                           : signing::Digest::kSize;
  return id.width * each;
}

}  // namespace

void CachedTiles::Prefetch(uint64_t size) {
  for (uint64_t bundle = 0; bundle * signing::kTileWidth < size; ++bundle) {
    const uint64_t left = size - bundle * signing::kTileWidth;
    const int width = static_cast<int>(
        std::min(left, static_cast<uint64_t>(signing::kTileWidth)));
    for (const int level : {0, signing::TileId::kEntries}) {
      const signing::TileId id{level, bundle, width};
      if (cache_.HasTile(origin_, id)) continue;
      auto bytes = ReadTile(id);
      // It may be full where it is, by now.
      if (absl::IsNotFound(bytes.status())) {
        bytes = ReadTile(signing::FullTile(id));
      }
      if (!bytes.ok()) return;
    }
  }
}

absl::StatusOr<std::string> CachedTiles::ReadTile(const signing::TileId& id) {
  const auto fetched = fetched_.find(id);
  if (fetched != fetched_.end()) return fetched->second;
  if (!passes_over_cache_) {
    std::optional<std::string> cached = cache_.ReadTile(origin_, id);
    if (cached.has_value()) {
      has_used_cache_ = true;
      return *std::move(cached);
    }
  }
  const std::string path = absl::StrCat("log/", signing::FormatTilePath(id));
  if (place_ == nullptr) {
    return absl::NotFoundError(absl::StrCat(path, " is not in the cache"));
  }
  auto bytes = place_->Read(path, MaxBytesOf(id));
  if (absl::IsResourceExhausted(bytes.status())) {
    return signing::Refuse(
        signing::RefusalCode::kLogTile,
        absl::StrCat(path, " of ", place_->name(), " is larger than any tile"));
  }
  if (bytes.ok()) fetched_[id] = *bytes;
  return bytes;
}

void CachedTiles::Keep() {
  for (const auto& [id, bytes] : fetched_) cache_.KeepTile(origin_, id, bytes);
  fetched_.clear();
}

}  // namespace orrery::catalog
