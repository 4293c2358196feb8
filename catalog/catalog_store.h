#ifndef CATALOG_CATALOG_STORE_H_
#define CATALOG_CATALOG_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/operation.h"
#include "catalog/service_record.h"
#include "registry/state_store.h"

namespace orrery::catalog {

// A record with the revision to name when it is written again.
struct StoredService {
  ServiceRecord record;
  int64_t revision = 0;
};

// An operation that begins with its service.
struct ServiceOperation {
  Operation operation;
  ServiceRecord record;
};

// The catalog's part of the StateStore, typed: services and operations.
// Thread-safe.
class CatalogStore {
 public:
  // `store` must outlive this.
  explicit CatalogStore(registry::StateStore* store) : store_(store) {}

  // kNotFound when there is none.
  absl::StatusOr<StoredService> GetService(absl::string_view cluster,
                                           absl::string_view name) const;
  // Of one cluster, or of all when `cluster` is empty; by cluster and name.
  absl::StatusOr<std::vector<StoredService>> ListServices(
      absl::string_view cluster) const;

  // kNotFound when there is none.
  absl::StatusOr<Operation> GetOperation(absl::string_view name) const;
  // Newest first.
  absl::StatusOr<std::vector<Operation>> ListOperations() const;

  // Writes the operation and, in the same commit, the service, which must have
  // `service_revision` (0: must not exist). kAborted when it has another one.
  absl::Status Put(const Operation& operation, const ServiceRecord& service,
                   int64_t service_revision);
  // Writes operations and their services, none of which must exist, in one
  // commit. kAborted when one does.
  absl::Status PutNew(const std::vector<ServiceOperation>& begun);
  // Writes the operation and removes the service in the same commit.
  absl::Status PutAndRemoveService(const Operation& operation);
  absl::Status PutOperation(const Operation& operation);

  // Removes the oldest ended operations but for the newest `kept` of all.
  absl::Status PruneOperations(size_t kept);

  // 32 hex digits that name this store for good; made at the first call.
  absl::StatusOr<std::string> OwnerId();

 private:
  registry::StateStore* store_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_CATALOG_STORE_H_
