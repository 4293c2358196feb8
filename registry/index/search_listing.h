#ifndef REGISTRY_INDEX_SEARCH_LISTING_H_
#define REGISTRY_INDEX_SEARCH_LISTING_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/index/sqlite_database.h"
#include "registry/judge/release.h"

namespace orrery::registry {

// Brings what is searched up to date, inside of a transaction: for each name
// the default release, null for one that is not to be found.
//
// Rows of the full-text index ascend with places, the fixed order within a rank
// (the certified ones, then short names): the best rows come first, and a
// search can stop early. Sorting all matches takes too long for short prefixes.
absl::Status UpdateListing(SqliteDatabase& database,
                           const std::map<std::string, ReleasePtr>& shown);

// Names that are listed.
absl::StatusOr<int64_t> CountListed(SqliteDatabase& database);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SEARCH_LISTING_H_
