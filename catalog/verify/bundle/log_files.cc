#include "catalog/verify/bundle/log_files.h"

#include <vector>

#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/log/tile_cutter.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::Status ForEachLeaf(
    signing::TileReader& leaves,
    absl::FunctionRef<absl::Status(int64_t index, const std::string& leaf)>
        take) {
  int64_t index = 0;
  for (uint64_t bundle = 0; bundle * signing::kTileWidth < leaves.size();
       ++bundle) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                            leaves.Entries(bundle));
    for (const std::string& entry : entries) {
      ORRERY_RETURN_IF_ERROR(take(index, entry));
      ++index;
    }
  }
  return absl::OkStatus();
}

absl::Status ForEachTile(
    signing::TileReader& leaves,
    absl::FunctionRef<absl::Status(const signing::TileId& id,
                                   absl::string_view bytes)>
        take) {
  signing::TileCutter cutter;
  std::string bundle;
  int width = 0;
  const auto take_bundle = [&](uint64_t index) {
    const absl::Status taken =
        take({signing::TileId::kEntries, index, width}, bundle);
    bundle.clear();
    width = 0;
    return taken;
  };
  ORRERY_RETURN_IF_ERROR(ForEachLeaf(
      leaves, [&](int64_t index, const std::string& leaf) -> absl::Status {
        cutter.Append(signing::LeafHash(leaf));
        signing::AppendEntry(leaf, bundle);
        if (++width < signing::kTileWidth) return absl::OkStatus();
        ORRERY_RETURN_IF_ERROR(
            take_bundle(static_cast<uint64_t>(index) / signing::kTileWidth));
        for (const signing::Tile& tile : cutter.TakeFull()) {
          ORRERY_RETURN_IF_ERROR(take(tile.id, tile.bytes));
        }
        return absl::OkStatus();
      }));
  if (width > 0) {
    ORRERY_RETURN_IF_ERROR(take_bundle(leaves.size() / signing::kTileWidth));
  }
  for (const signing::Tile& tile : cutter.Edge()) {
    ORRERY_RETURN_IF_ERROR(take(tile.id, tile.bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadEntryBundle(signing::TileReader& leaves,
                                            uint64_t index) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                          leaves.Entries(index));
  std::string bundle;
  for (const std::string& entry : entries) {
    signing::AppendEntry(entry, bundle);
  }
  return bundle;
}

}  // namespace orrery::catalog
