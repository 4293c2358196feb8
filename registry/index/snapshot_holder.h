#ifndef REGISTRY_INDEX_SNAPSHOT_HOLDER_H_
#define REGISTRY_INDEX_SNAPSHOT_HOLDER_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

#include "registry/index/package_epochs.h"
#include "registry/index/snapshot.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The snapshot that is served, and which packages its changes were of. The lock
// is held for the copy of a pointer only, or the noting of names. Thread-safe.
class SnapshotHolder {
 public:
  SnapshotPtr Get() const {
    const MutexLock lock(&mutex_);
    return snapshot_;
  }

  // Without a share of the snapshot, whose end may take long.
  uint64_t generation() const {
    const MutexLock lock(&mutex_);
    return snapshot_->generation();
  }

  // As PackageEpochs::Of.
  uint64_t EpochOf(absl::string_view package) const {
    const MutexLock lock(&mutex_);
    return epochs_.Of(package);
  }

  // `changed` are the packages that differ; null for all.
  void Set(SnapshotPtr snapshot, const std::set<std::string>* changed) {
    {
      const MutexLock lock(&mutex_);
      snapshot_.swap(snapshot);
      if (changed == nullptr) {
        epochs_.AdvanceAll();
      } else {
        epochs_.Advance(*changed);
      }
    }
    // The one before is freed here, outside the lock.
  }

 private:
  mutable Mutex mutex_;
  SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const Snapshot>();
  PackageEpochs epochs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SNAPSHOT_HOLDER_H_
