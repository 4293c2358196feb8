#ifndef REGISTRY_PUBLISHED_INDEX_H_
#define REGISTRY_PUBLISHED_INDEX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/content_reader.h"
#include "registry/index_entry.h"
#include "registry/search.h"
#include "registry/snapshot.h"
#include "registry/snapshot_holder.h"
#include "registry/source_index.h"
#include "signing/digest.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The indexes of all sources in memory, and what readers see of them.
// Thread-safe. Readers of a snapshot wait for nobody; searches go one at a
// time.
class PublishedIndex {
 public:
  // What a source brings in.
  struct Update {
    std::string source;
    std::string url;
    int32_t priority = 100;
    // Hex.
    std::string commit;
    std::vector<std::shared_ptr<const IndexEntry>> put;
    // Directories.
    std::vector<std::string> erase;
  };

  PublishedIndex(std::shared_ptr<ContentReader> content,
                 std::unique_ptr<SearchIndex> search);

  SnapshotPtr snapshot() const { return holder_.Get(); }
  absl::StatusOr<SearchResult> Search(const SearchQuery& query) {
    return search_->Search(query);
  }

  // Takes in `update` and swaps in the snapshot that has it.
  absl::Status Publish(const Update& update);
  // Takes in `update` without showing it; LoadEnd shows everything.
  void Load(const Update& update);
  absl::Status LoadEnd();
  absl::Status Remove(const std::string& source);

  // Stays as it is until the next update or the removal of the same source;
  // null when it never had one.
  const SourceIndex* Find(const std::string& source) const;
  // What the entries of all sources consist of.
  std::set<signing::Digest> UsedContents() const;

 private:
  struct Slot {
    int32_t priority = 100;
    SourceIndex index;
    std::shared_ptr<const SourceContents> contents;
  };

  std::vector<std::string> Take(const Update& update)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Show(const std::vector<std::string>& changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<ContentReader> content_;
  const std::unique_ptr<SearchIndex> search_;
  SnapshotHolder holder_;
  mutable Mutex mutex_;
  std::map<std::string, Slot> slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_PUBLISHED_INDEX_H_
