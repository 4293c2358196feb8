#ifndef REGISTRY_INDEX_SNAPSHOT_HOLDER_H_
#define REGISTRY_INDEX_SNAPSHOT_HOLDER_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "registry/index/snapshot.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The snapshot that is served. The lock is held for the copy of a pointer
// only. Thread-safe.
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

  void Set(SnapshotPtr snapshot) {
    {
      const MutexLock lock(&mutex_);
      snapshot_.swap(snapshot);
    }
    // The one before is freed here, outside the lock.
  }

 private:
  mutable Mutex mutex_;
  SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const Snapshot>();
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SNAPSHOT_HOLDER_H_
