// Search over the listed packages.

#ifndef REGISTRY_INDEX_SEARCH_H_
#define REGISTRY_INDEX_SEARCH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/index/snapshot.h"
#include "registry/index/sqlite_database.h"
#include "registry/judge/release.h"

namespace orrery::registry {

struct SearchQuery {
  // Words; each is matched as a prefix too. All of them must be found.
  std::string text;
  // Only what comes behind this place of an earlier answer; empty: everything.
  std::string after = {};
  size_t limit = 20;
};

struct SearchResult {
  // The snapshot that was searched.
  SnapshotPtr snapshot;
  // Default releases, best match first.
  std::vector<ReleasePtr> releases;
  // Whether there are more behind these, and the place of the last of them. A
  // place is a text that stays the package's own while it is found as before.
  bool more = false;
  std::string last_place;
  // Names one typing error away from the query, when it names no package.
  std::vector<std::string> did_you_mean;
};

struct FoundName {
  std::string name;
  // See SearchResult.
  std::string place;
};

// Names as a search finds them, behind `after` of the query, at most one more
// than its limit.
struct FoundNames {
  std::vector<FoundName> names;
  std::vector<std::string> did_you_mean;
};

// Words and prefixes by FTS5, ranked by where they are found: the exact name,
// then names that begin with the query, then names that hold its words, then
// tags, then text; `selected` first within each, then short names. Separators
// do not matter: `lazy_static`, `lazy-static`, `lazy static` and `lazystatic`
// find the same. When nothing is found, the names one typing error away are.
// An empty query finds everything. kInvalidArgument when the query is longer
// than 1000 bytes.
absl::StatusOr<FoundNames> SearchNames(SqliteDatabase& database,
                                       const SearchQuery& query);

// The listed names behind `after`, by name, at most `limit`; the place of each
// is the name itself.
absl::StatusOr<std::vector<FoundName>> ListNames(SqliteDatabase& database,
                                                 absl::string_view after,
                                                 size_t limit);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SEARCH_H_
