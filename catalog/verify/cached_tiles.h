#ifndef CATALOG_VERIFY_CACHED_TILES_H_
#define CATALOG_VERIFY_CACHED_TILES_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/file_tree.h"
#include "signing/log/tile_reader.h"

namespace orrery::catalog {

// The tiles of one log, from the cache where it has them, else from a place.
class CachedTiles final : public signing::TileSource {
 public:
  // `place` may be null: then there are those of the cache alone. What is given
  // must outlive it.
  CachedTiles(absl::string_view origin, FileTree* place, const FileCache& cache)
      : origin_(origin), place_(place), cache_(cache) {}

  // log.tile for more bytes than a tile can have.
  absl::StatusOr<std::string> ReadTile(const signing::TileId& id) override;

  // Fetches what a reader of all leaves of a log of `size` will ask for and the
  // cache does not have. What cannot be had is for the reader to find out.
  void Prefetch(uint64_t size);

  // Whether some tile came from the cache.
  bool has_used_cache() const { return has_used_cache_; }
  // From now on the cache is not looked at.
  void PassOverCache() { passes_over_cache_ = true; }
  // Puts what came from the place into the cache. Requires: it was all tied to
  // a signed root.
  void Keep();

 private:
  const std::string origin_;
  FileTree* const place_;
  const FileCache& cache_;
  bool has_used_cache_ = false;
  bool passes_over_cache_ = false;
  std::map<signing::TileId, std::string> fetched_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_CACHED_TILES_H_
