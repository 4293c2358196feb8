// The files of a log as a mirror has them, made from its leaves (spec: trust.md
// §11.2, §16).

#ifndef CATALOG_VERIFY_BUNDLE_LOG_FILES_H_
#define CATALOG_VERIFY_BUNDLE_LOG_FILES_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/log/tile.h"
#include "signing/log/tile_reader.h"

namespace orrery::catalog {

// Calls `take` for each leaf in order; what it returns ends the walk.
absl::Status ForEachLeaf(
    signing::TileReader& leaves,
    absl::FunctionRef<absl::Status(int64_t index, const std::string& leaf)>
        take);

// The same for each tile of hashes and entries, with the partial ones of the
// right edge: bytes that follow from the leaves, whoever served them.
absl::Status ForEachTile(
    signing::TileReader& leaves,
    absl::FunctionRef<absl::Status(const signing::TileId& id,
                                   absl::string_view bytes)>
        take);

// The file of one bundle of entries at the reader's size.
absl::StatusOr<std::string> ReadEntryBundle(signing::TileReader& leaves,
                                            uint64_t index);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_LOG_FILES_H_
