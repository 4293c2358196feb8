// Sources in the index: how far each is followed, and which version of its
// entries is served.

#ifndef REGISTRY_INDEX_SOURCE_ROWS_H_
#define REGISTRY_INDEX_SOURCE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "registry/git/git_repository.h"
#include "registry/index/snapshot.h"
#include "registry/index/sqlite_database.h"

namespace orrery::registry {

// What is stored of a source beside its entries.
struct StoredSource {
  std::string name;
  // What the entries were read from: URL, ref, folder, priority.
  std::string origin;
  // Indexed commit and its folder of packages, hex; empty before the first
  // sync; the folder also when the commit has none.
  std::string commit;
  std::string packages_tree;
  // Of the commit, of maintainers' statements; and what was told of those that
  // are not logged (EncodeReports).
  std::string trust_tree;
  std::string reports;
  // Rules that judged the entries.
  int rules_version = 0;
  // As SyncState; only what outlives a restart.
  int state = 0;
  std::string error;
  std::string remote_commit;
  std::optional<absl::Time> last_success_time;
  std::optional<absl::Time> last_change_time;
  // The first failure since the last success.
  std::optional<absl::Time> failing_since;
  // The remote asked to be left alone until then.
  std::optional<absl::Time> paused_until;

  bool operator==(const StoredSource&) const = default;
};

// One published state of a release directory (universe-format §18).
struct ReleaseRevision {
  std::string directory;
  // Nothing when the commit removes it.
  std::optional<ObjectId> tree;
  ObjectId commit;
  // The committer's.
  absl::Time time;
};

// Which entries of a source are served.
struct StoredIndex {
  int64_t source = 0;
  int64_t version = 0;
  // Whether there may be entries of the version after it.
  bool staged = false;
  SourceCounts counts;
};

absl::StatusOr<std::vector<StoredSource>> ReadSources(SqliteDatabase& database);
// Nothing when there is no such source.
absl::StatusOr<std::optional<StoredIndex>> ReadIndex(SqliteDatabase& database,
                                                     absl::string_view name);
absl::StatusOr<std::vector<ReleaseRevision>> ReadRevisions(
    SqliteDatabase& database, int64_t source);

// Everything but what StoredIndex has.
absl::Status PutSource(SqliteDatabase& database, const StoredSource& source);
// Gives a source that is not there yet its id.
absl::StatusOr<StoredIndex> EnsureIndex(SqliteDatabase& database,
                                        const std::string& name);
absl::Status PutIndex(SqliteDatabase& database, const StoredIndex& index);
absl::Status AddRevisions(SqliteDatabase& database, int64_t source,
                          const std::vector<ReleaseRevision>& revisions);
// Forgets a source; its entries go with DropRetired.
absl::Status RetireSource(SqliteDatabase& database, absl::string_view name);
// Deletes entries of retired sources, at most `limit`.
absl::Status DropRetired(SqliteDatabase& database, size_t limit);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SOURCE_ROWS_H_
