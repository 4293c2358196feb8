// Search over the default releases of the visible packages.

#ifndef REGISTRY_SEARCH_H_
#define REGISTRY_SEARCH_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/snapshot.h"
#include "registry/sqlite_database.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

struct SearchQuery {
  // Words; each is matched as a prefix too. All of them must be found.
  std::string text;
  size_t offset = 0;
  size_t limit = 20;
};

struct SearchResult {
  // The snapshot that was searched.
  SnapshotPtr snapshot;
  // Default releases, best match first.
  std::vector<const Release*> releases;
  // Whether there are more behind these.
  bool more = false;
  // Names one typing error away from the query, when it names no package.
  std::vector<std::string> did_you_mean;
};

// Words and prefixes by FTS5, ranked by where they are found: the exact name,
// then names that begin with the query, then names that hold it, then tags,
// then text; `selected` first within each. Separators do not matter:
// `lazy_static`, `lazy-static` and `lazy static` find the same. Thread-safe.
class SearchIndex {
 public:
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Create();

  // Makes `snapshot` the searched one. `changed` names the packages that differ
  // from the one before.
  absl::Status Update(SnapshotPtr snapshot,
                      const std::vector<std::string>& changed);

  absl::StatusOr<SearchResult> Search(const SearchQuery& query);

 private:
  explicit SearchIndex(std::unique_ptr<SqliteDatabase> database);

  Mutex mutex_;
  std::unique_ptr<SqliteDatabase> database_ ABSL_GUARDED_BY(mutex_);
  SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_SEARCH_H_
