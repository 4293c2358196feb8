#ifndef REGISTRY_INDEX_INDEX_UPDATE_H_
#define REGISTRY_INDEX_INDEX_UPDATE_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/index/index_store.h"
#include "registry/index/source_rows.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release_judge.h"

namespace orrery::registry {

// One change of a source on its way into the index: the entries of its next
// version. Little is held in memory; what is more goes into the store at once,
// where nobody reads it before the version is published. An update that is
// given up, or lost in a crash, is undone by the next one. One at a time for a
// source; not thread-safe.
class IndexUpdate {
 public:
  // `folder` is the source's folder of packages. `store` must outlive this.
  IndexUpdate(IndexStore* store, const std::string& source,
              const std::string& folder);

  // Replaces the entry of the same directory.
  absl::Status Put(IndexEntry entry, std::vector<PackedContent> contents);
  absl::Status Erase(const std::string& directory);
  // Whether nothing was put or erased.
  bool empty() const { return empty_; }

  // Writes the rest, inside of the transaction that publishes the version, and
  // brings the index of the source up to it. The update is done then.
  absl::StatusOr<StoredIndex> Finish(SqliteDatabase& database);
  // Packages whose served releases differ.
  const std::set<std::string>& packages() const { return packages_; }
  // Packages of which anything was put or erased: what is refused, or adds to
  // releases of another source, too.
  const std::set<std::string>& touched() const { return touched_; }

 private:
  struct Change {
    std::string directory;
    // Nothing when it is erased.
    std::optional<IndexEntry> entry;
    std::vector<PackedContent> contents;
  };

  absl::Status Add(Change change, size_t bytes);
  absl::Status Open(SqliteDatabase& database);
  absl::Status Write(SqliteDatabase& database);
  absl::Status WriteChange(SqliteDatabase& database, const Change& change);

  IndexStore& store_;
  const std::string source_;
  // The versions before and after; numbers are known when it is open.
  SourceVersion before_;
  SourceVersion after_;
  // As it will be; nothing until it is open.
  std::optional<StoredIndex> index_;
  bool empty_ = true;
  std::vector<Change> buffered_;
  size_t buffered_bytes_ = 0;
  std::set<std::string> packages_;
  std::set<std::string> touched_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_UPDATE_H_
