// Entries in the index, by source, directory and version: each version of a
// source sees its own, so that readers of one and the writer of the next never
// meet.

#ifndef REGISTRY_INDEX_ENTRY_ROWS_H_
#define REGISTRY_INDEX_ENTRY_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/git/git_repository.h"
#include "registry/index/snapshot_reader.h"
#include "registry/index/sqlite_database.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release.h"

namespace orrery::registry {

// An entry without its record.
struct IndexedPlace {
  ObjectId id;
  uint32_t mode = 0;
  Verdict verdict = Verdict::kRefused;
  // As IndexEntry.
  bool kept = false;
};

// Reading. kDataLoss when an entry is damaged.

absl::StatusOr<std::optional<IndexedPlace>> FindPlace(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view directory);
// By directory; ends with the first error of `visit`.
absl::Status VisitPlaces(
    SqliteDatabase& database, const SourceVersion& source,
    const std::function<absl::Status(absl::string_view directory,
                                     const IndexedPlace&)>& visit);
absl::StatusOr<std::optional<IndexEntry>> ReadEntry(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view directory);
// The served ones of a package, highest release first.
absl::StatusOr<std::vector<IndexEntry>> ReadPackage(SqliteDatabase& database,
                                                    const SourceVersion& source,
                                                    absl::string_view package);
// The same of two versions of one source; what both have is read once.
struct PackageVersions {
  std::vector<IndexEntry> before;
  std::vector<IndexEntry> after;
};
absl::StatusOr<PackageVersions> ReadPackageVersions(SqliteDatabase& database,
                                                    const SourceVersion& before,
                                                    const SourceVersion& after,
                                                    absl::string_view package);
// As ReadPackage, as readers get them: with all their findings.
absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view package);
// What the overlay source has of a package, highest number first.
absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view package);
// Packages with an entry whose relations name it (RelationMentions), sorted.
absl::StatusOr<std::vector<std::string>> ReadMentioning(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view name);
// What entries name that begins with `prefix`, sorted.
absl::StatusOr<std::vector<std::string>> ReadMentions(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view prefix);
// Of all packages with served releases, sorted.
absl::StatusOr<std::vector<std::string>> ReadPackageNames(
    SqliteDatabase& database, const SourceVersion& source);
// Of all packages that an overlay source adds to, sorted.
absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
    SqliteDatabase& database, const SourceVersion& source);
// Findings that refuse, of the first `max_places` refused places by path.
absl::StatusOr<std::vector<Finding>> ReadRefused(SqliteDatabase& database,
                                                 const SourceVersion& source,
                                                 size_t max_places);

// Writing; inside of a transaction. `source.version` is the one that is made.

// Requires: there is none at its directory.
absl::Status AddEntry(SqliteDatabase& database, const SourceVersion& source,
                      const IndexEntry& entry);
// Replaces one that may be there.
absl::Status PutEntry(SqliteDatabase& database, const SourceVersion& source,
                      const IndexEntry& entry);
// Replaces one that differs in its comparison with others alone.
absl::Status PutCompared(SqliteDatabase& database, const SourceVersion& source,
                         const IndexEntry& entry);
// Nothing when there is none.
absl::Status EndEntry(SqliteDatabase& database, const SourceVersion& source,
                      absl::string_view directory);
// Undoes everything that was written for versions after `source.version`.
absl::Status DropLaterEntries(SqliteDatabase& database,
                              const SourceVersion& source);
// Deletes what no version from `source.version` on has; at most `limit`.
absl::Status DropEndedEntries(SqliteDatabase& database,
                              const SourceVersion& source, size_t limit);
// Deletes entries of any version, at most `limit`; whether all are gone.
absl::StatusOr<bool> DropAllEntries(SqliteDatabase& database, int64_t source,
                                    size_t limit);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_ENTRY_ROWS_H_
