#ifndef REGISTRY_INDEX_PUBLISHED_INDEX_H_
#define REGISTRY_INDEX_PUBLISHED_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/index/index_store.h"
#include "registry/index/index_update.h"
#include "registry/index/search.h"
#include "registry/index/snapshot.h"
#include "registry/index/snapshot_holder.h"
#include "registry/index/source_rows.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The index as readers see it: the stored versions of all sources, the snapshot
// that names them, and search over it. Each change is one transaction, which
// makes one snapshot. Thread-safe; readers wait for nobody.
class PublishedIndex {
 public:
  // How a source is configured.
  struct SourceFacts {
    std::string name;
    std::string url;
    int32_t priority = 100;
    // `<subdir>/repo/packages`.
    std::string folder;
    // The base of an overlay source; empty for others.
    std::string overlay_of;
  };

  explicit PublishedIndex(std::shared_ptr<IndexStore> store);

  SnapshotPtr snapshot() const { return holder_.Get(); }
  uint64_t generation() const { return holder_.generation(); }
  // As PackageEpochs::Of, of what the snapshot says.
  uint64_t EpochOf(absl::string_view package) const {
    return holder_.EpochOf(package);
  }
  absl::StatusOr<SearchResult> Search(const SearchQuery& query);
  // Default releases of the visible packages whose names come behind `after`,
  // by name.
  absl::StatusOr<SearchResult> List(absl::string_view after, size_t limit);

  // Takes a stored source in without showing it; LoadEnd shows all.
  absl::Status Load(const SourceFacts& facts, const std::string& commit);
  absl::Status LoadEnd();

  // Makes `update` the next version of its source, with what is stored beside
  // it, and swaps in the snapshot that has it; unless `may_commit`, which is
  // asked when all of it is written and nobody sees it yet, says no.
  absl::Status Publish(IndexUpdate update, const SourceFacts& facts,
                       const StoredSource& stored,
                       const std::vector<ReleaseRevision>& revisions,
                       const std::function<absl::Status()>& may_commit);
  // Of a stored source, shown or not.
  absl::Status Remove(const std::string& source);

 private:
  using Contents = std::shared_ptr<const SourceContents>;

  absl::StatusOr<Contents> ReadContents(SqliteDatabase& database,
                                        const SourceFacts& facts,
                                        const std::string& commit,
                                        const StoredIndex& index) const;
  // The snapshot of `sources`, in which the packages of `changed` differ from
  // the one before.
  absl::StatusOr<SnapshotPtr> NextSnapshot(
      SqliteDatabase& database, const std::map<std::string, Contents>& sources,
      const std::set<std::string>& changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Deletes what only snapshots that are gone had.
  absl::Status DropUnread(SqliteDatabase& database)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `changed` as SnapshotHolder::Set.
  void Show(SnapshotPtr snapshot, std::map<std::string, Contents> sources,
            const std::set<std::string>* changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Runs `read` over the state of the snapshot that is returned.
  absl::StatusOr<SnapshotPtr> ReadCurrent(
      const std::function<absl::Status(SqliteDatabase&)>& read);

  const std::shared_ptr<IndexStore> store_;
  SnapshotHolder holder_;
  // Held from before a transaction to the swap.
  Mutex mutex_;
  std::map<std::string, Contents> sources_ ABSL_GUARDED_BY(mutex_);
  // Those before the current one that may still be read.
  std::vector<std::weak_ptr<const Snapshot>> older_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_PUBLISHED_INDEX_H_
