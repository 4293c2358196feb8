#ifndef REGISTRY_INDEX_SIMILAR_NAMES_H_
#define REGISTRY_INDEX_SIMILAR_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/sqlite_database.h"

namespace orrery::registry {

// The listed names one insertion, deletion, replacement or swap of neighbours
// away from `word`, by name; never `word` itself. Case is ignored.
absl::StatusOr<std::vector<std::string>> NamesOneErrorAway(
    SqliteDatabase& database, absl::string_view word);

// The same, and where only few packages are listed also names that two errors
// explain; nearest first, at most three.
absl::StatusOr<std::vector<std::string>> NearestNames(SqliteDatabase& database,
                                                      absl::string_view word);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SIMILAR_NAMES_H_
