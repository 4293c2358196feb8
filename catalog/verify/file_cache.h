// Files that were verified, so that they need not be fetched again.

#ifndef CATALOG_VERIFY_FILE_CACHE_H_
#define CATALOG_VERIFY_FILE_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/tile.h"

namespace orrery::catalog {

// Shared by all processes of a user. Losing any of it costs a download; nothing
// in it is believed, it is as good as a mirror. Not being able to write is no
// failure.
class FileCache {
 public:
  // Empty: keeps nothing.
  explicit FileCache(std::string directory)
      : directory_(std::move(directory)) {}

  // Bytes of that digest; nullopt if there are none.
  std::optional<std::string> ReadBlob(const signing::Digest& digest,
                                      int64_t bytes) const;
  void KeepBlob(const signing::Digest& digest, absl::string_view bytes) const;

  // A tile of the log of that origin, which is for the reader to tie to a root.
  std::optional<std::string> ReadTile(absl::string_view origin,
                                      const signing::TileId& id) const;
  bool HasTile(absl::string_view origin, const signing::TileId& id) const;
  // Instead of other widths of the same tile.
  void KeepTile(absl::string_view origin, const signing::TileId& id,
                absl::string_view bytes) const;

 private:
  std::string BlobPath(const signing::Digest& digest) const;
  std::string TilePath(absl::string_view origin,
                       const signing::TileId& id) const;
  void Keep(const std::string& path, absl::string_view bytes) const;

  const std::string directory_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_FILE_CACHE_H_
