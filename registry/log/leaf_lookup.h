// The tables of `log.db` by which leaves are found, made of leaves that replay
// takes in.

#ifndef REGISTRY_LOG_LEAF_LOOKUP_H_
#define REGISTRY_LOG_LEAF_LOOKUP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/sqlite_database.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

inline constexpr char kLeafLookupSchema[] = R"sql(
-- Leaves by their package; those of sources have none, an empty name.
CREATE TABLE package_leaf (
  package TEXT NOT NULL,
  leaf INTEGER NOT NULL,
  PRIMARY KEY (package, leaf)
) STRICT, WITHOUT ROWID;
CREATE TABLE index_leaf (
  leaf INTEGER PRIMARY KEY,
  unix_seconds INTEGER NOT NULL
) STRICT;
-- The first that says something of a release of the source.
CREATE TABLE first_sighting (
  source TEXT PRIMARY KEY,
  leaf INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- The first yank of the package.
CREATE TABLE first_yank (
  package TEXT PRIMARY KEY,
  leaf INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

using LeafVisitor = std::function<absl::Status(int64_t, absl::string_view)>;

// The next leaf.
absl::Status AddToLookup(SqliteDatabase& database, int64_t leaf,
                         absl::string_view bytes);
absl::Status ClearLookup(SqliteDatabase& database);

// Below `size`, in order: the leaves of the package, and those of all sources;
// none for a package that has none. Those of sources alone for the empty name.
absl::Status VisitLeavesOf(SqliteDatabase& database, absl::string_view package,
                           int64_t size, const LeafVisitor& visit);

// What leaves below `size` say beside sources and packages.
struct LogOutline {
  std::vector<signing::IndexEntry> indexes;
  // By source.
  std::map<std::string, int64_t, std::less<>> first_sightings;
  std::set<std::string, std::less<>> yanked;
};
absl::StatusOr<LogOutline> ReadOutline(SqliteDatabase& database, int64_t size);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_LEAF_LOOKUP_H_
