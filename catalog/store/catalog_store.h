#ifndef CATALOG_STORE_CATALOG_STORE_H_
#define CATALOG_STORE_CATALOG_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/store/operation.h"
#include "catalog/store/service_record.h"
#include "registry/store/state_store.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// A record with the revision to name when it is written again.
struct StoredService {
  ServiceRecord record;
  int64_t revision = 0;
};

// An operation that begins, with its service.
struct ServiceOperation {
  Operation operation;
  ServiceRecord record;
  // That the stored service has; 0: there is none.
  int64_t revision = 0;
};

using StoredServicePtr = std::shared_ptr<const StoredService>;

// The catalog's part of the StateStore, typed: services and operations.
// Thread-safe.
class CatalogStore {
 public:
  // `store` must outlive this, and nobody else may write services to it.
  explicit CatalogStore(registry::StateStore* store) : store_(store) {}

  // kNotFound when there is none.
  absl::StatusOr<StoredService> GetService(absl::string_view cluster,
                                           absl::string_view name) const;
  // Of one cluster, or of all when `cluster` is empty; by cluster and name.
  // Kept in memory once they were read: what is being written at the moment may
  // be missing.
  absl::StatusOr<std::vector<StoredServicePtr>> ListServices(
      absl::string_view cluster) const;

  // Of one cluster, as the resolver sees them.
  absl::StatusOr<std::vector<RunningService>> ListRunning(
      absl::string_view cluster) const;

  // kNotFound when there is none.
  absl::StatusOr<Operation> GetOperation(absl::string_view name) const;
  // Newest first.
  absl::StatusOr<std::vector<Operation>> ListOperations() const;

  // Writes the operation and, in the same commit, the service, which must have
  // `service_revision` (0: must not exist). kAborted when it has another one.
  absl::Status Put(const Operation& operation, const ServiceRecord& service,
                   int64_t service_revision);
  // Writes operations and their services in one commit, and `used` as they are,
  // so that nobody takes away meanwhile what the services use. kAborted when a
  // service has another revision.
  absl::Status PutBegun(const std::vector<ServiceOperation>& begun,
                        const std::vector<StoredService>& used);
  // Writes the operation and removes the service in the same commit; kAborted
  // when the service has another revision.
  absl::Status PutAndRemoveService(const Operation& operation,
                                   int64_t service_revision);
  absl::Status PutOperation(const Operation& operation);

  // Returns when ListServices knows every commit that was made before the call.
  void AwaitCommits() const;

  // Removes the oldest ended operations but for the newest `kept` of all.
  absl::Status PruneOperations(size_t kept);

  // 32 hex digits that name this store for good; made at the first call.
  absl::StatusOr<std::string> OwnerId();

 private:
  // A service that a commit writes, or, without a record, removes.
  struct ServiceChange {
    std::string cluster;
    std::string name;
    std::optional<ServiceRecord> record;
    int64_t expected_revision = 0;
  };
  // What was last known of a service; null when it was removed.
  struct Known {
    int64_t revision = 0;
    StoredServicePtr service;
  };

  absl::Status Commit(std::vector<registry::StateWrite> writes,
                      std::vector<ServiceChange> services);
  absl::Status LoadServices() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  registry::StateStore* store_;

  mutable Mutex mutex_;
  mutable bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  // By key. Commits may be entered in another order than they were made in, so
  // a removal is remembered while there are commits under way.
  mutable std::map<std::string, Known, std::less<>> services_
      ABSL_GUARDED_BY(mutex_);
  std::set<uint64_t> under_way_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_commit_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable Condition committed_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_CATALOG_STORE_H_
