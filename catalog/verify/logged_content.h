#ifndef CATALOG_VERIFY_LOGGED_CONTENT_H_
#define CATALOG_VERIFY_LOGGED_CONTENT_H_

#include <cstdint>

#include "absl/status/statusor.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/place_list.h"
#include "signing/digest.h"
#include "signing/log/tile_reader.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/replay/log_state.h"

namespace orrery::catalog {

// A replayed log and where its files are. All must outlive who uses it.
struct LogFiles {
  const signing::LogState* log = nullptr;
  // Those of the log.
  signing::TileReader* leaves = nullptr;
  PlaceList* places = nullptr;
  const FileCache* cache = nullptr;
};

// What a leaf says of a revision.
struct SignedContent {
  // Of the record.
  signing::Digest statement;
  signing::RevisionContent content;
};

// record.syntax for a leaf that is no record of a release.
absl::StatusOr<SignedContent> ContentOfLeaf(signing::Leaf leaf);
absl::StatusOr<SignedContent> ReadSignedContent(int64_t leaf,
                                                signing::TileReader& leaves);

// Of the leaf that carries the best evidence of a revision.
absl::StatusOr<SignedContent> ReadContent(const signing::RevisionEntry& entry,
                                          const LogFiles& files);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_LOGGED_CONTENT_H_
