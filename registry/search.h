// Search over the default releases of the visible packages.

#ifndef REGISTRY_SEARCH_H_
#define REGISTRY_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/name_vocabulary.h"
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
// then names that begin with the query, then names that hold its words, then
// tags, then text; `selected` first within each, then short names. Separators
// do not matter: `lazy_static`, `lazy-static`, `lazy static` and `lazystatic`
// find the same. When nothing is found, the names one typing error away are.
// Thread-safe.
class SearchIndex {
 public:
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Create();

  // Makes `snapshot` the searched one. `changed` names the packages that differ
  // from the one before.
  absl::Status Update(SnapshotPtr snapshot,
                      const std::vector<std::string>& changed);

  // kInvalidArgument when the query is longer than 1000 bytes.
  absl::StatusOr<SearchResult> Search(const SearchQuery& query);

 private:
  // The fixed order within a rank: the certified ones, then short names.
  struct Place {
    bool selected = false;
    std::string name;

    bool operator<(const Place& other) const;
  };

  explicit SearchIndex(std::unique_ptr<SqliteDatabase> database);

  // False when a row found no room between its neighbours.
  absl::StatusOr<bool> Change(const std::vector<std::string>& changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Rebuild() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Insert(const Release& release, int64_t row)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Erase(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<int64_t> RowFor(const Place& place) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<int64_t>> Match(const std::string& expression,
                                             size_t limit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<std::string>> FindNames(
      const SearchQuery& query, const std::vector<std::string>& words)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::unique_ptr<SqliteDatabase> database_ ABSL_GUARDED_BY(mutex_);
  SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_);
  // Rows ascend with places, so that FTS5 gives the best rows first and can
  // stop early: sorting all matches takes too long for short prefixes.
  std::map<Place, int64_t> rows_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<int64_t, std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Place> places_ ABSL_GUARDED_BY(mutex_);
  // Names without separators.
  std::multimap<std::string, std::string> squashed_ ABSL_GUARDED_BY(mutex_);
  NameVocabulary vocabulary_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_SEARCH_H_
