// The stored catalogs (spec: trust.md §11.5): the head of each and the lines of
// each package, which stay where a later catalog has the same.

#ifndef REGISTRY_LOG_CATALOG_TABLE_H_
#define REGISTRY_LOG_CATALOG_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/sqlite_database.h"
#include "signing/digest.h"

namespace orrery::registry {

inline constexpr char kCatalogSchema[] = R"sql(
-- By the index leaf that names it.
CREATE TABLE catalog (
  leaf INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  head TEXT NOT NULL
) STRICT;
-- In the catalogs of index leaves from `leaf` on, until the package has other
-- lines.
CREATE TABLE package_lines (
  package TEXT NOT NULL,
  leaf INTEGER NOT NULL,
  lines TEXT NOT NULL,
  PRIMARY KEY (package, leaf DESC)
) STRICT, WITHOUT ROWID;
)sql";

// What a catalog has that the one before has not.
struct CatalogUpdate {
  std::string head;
  // Lines by package.
  std::map<std::string, std::string> packages;
};

// What an index leaf says of its catalog.
struct CatalogName {
  signing::Digest digest;
  int64_t bytes = 0;
};

// Of the newest catalog with the update.
absl::StatusOr<CatalogName> NameCatalog(SqliteDatabase& database,
                                        const CatalogUpdate& update);
// Drops the oldest but for those of the last 16 checkpoints (§16); they follow
// from the leaves.
absl::Status PutCatalog(SqliteDatabase& database, int64_t leaf,
                        const signing::Digest& digest,
                        const CatalogUpdate& update);
absl::Status ClearCatalogs(SqliteDatabase& database);

// The index leaf that names it.
absl::StatusOr<std::optional<int64_t>> FindCatalog(
    SqliteDatabase& database, const signing::Digest& digest);
// The catalog that the index leaf names. kNotFound.
absl::StatusOr<std::string> ReadCatalogAt(SqliteDatabase& database,
                                          int64_t leaf);
// Its head, and the lines of the package, if it has it. kNotFound.
absl::StatusOr<std::string> ReadCatalogAt(SqliteDatabase& database,
                                          int64_t leaf,
                                          absl::string_view package);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_CATALOG_TABLE_H_
