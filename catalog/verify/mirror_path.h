#ifndef CATALOG_VERIFY_MIRROR_PATH_H_
#define CATALOG_VERIFY_MIRROR_PATH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/tile.h"

namespace orrery::catalog {

// The name of a file of a mirror, relative to its root (spec: trust.md §16).
struct MirrorPath {
  enum class Kind { kBlob, kCatalog, kCheckpoint, kLeaf, kTile };

  Kind kind = Kind::kCheckpoint;
  // Of a blob's or catalog's bytes; of a leaf its leaf hash.
  signing::Digest digest = {};
  // Of hashes or entries.
  signing::TileId tile = {};
};

inline constexpr char kCheckpointPath[] = "log/checkpoint";

// "blob/sha256/ab/cdef…".
std::string BlobPath(const signing::Digest& digest);
std::string CatalogPath(const signing::Digest& digest);
std::string TilePath(const signing::TileId& id);

// kInvalidArgument for anything else than these write, or `leaf/` and a hash:
// so no path is absolute, goes up or has two spellings. Proof files, which
// nobody needs, are no files of a mirror here.
absl::StatusOr<MirrorPath> ParseMirrorPath(absl::string_view path);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_MIRROR_PATH_H_
