#ifndef CATALOG_SERVICES_H_
#define CATALOG_SERVICES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/catalog_store.h"
#include "catalog/clusters.h"
#include "catalog/operation.h"
#include "catalog/operation_runner.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/service_record.h"

namespace orrery::catalog {

// An installed service with what its cluster says of it.
struct ServiceView {
  ServiceRecord record;
  AppStatus status;
};

// Shows and uninstalls services. Thread-safe.
class Services {
 public:
  // All must outlive this.
  Services(CatalogStore* store, const Clusters* clusters,
           OperationRunner* runner, std::function<absl::Time()> now);

  // kNotFound with reason SERVICE_NOT_FOUND and the nearest names.
  absl::StatusOr<ServiceView> Get(absl::string_view cluster,
                                  absl::string_view name) const;
  // Of one cluster, or of all for "-"; by cluster and name.
  absl::StatusOr<std::vector<ServiceView>> List(
      absl::string_view cluster) const;

  // The record alone; errors as Get.
  absl::StatusOr<StoredService> Find(absl::string_view cluster,
                                     absl::string_view name) const;

  // Begins to uninstall. kNotFound; kFailedPrecondition with reason
  // SERVICE_IN_USE while another service is bound to it or being so; kAborted
  // with reason OPERATION_RUNNING while another uninstall goes on. An
  // installation that goes on is ended by it.
  absl::StatusOr<Operation> Uninstall(absl::string_view cluster,
                                      absl::string_view name);

  // kNotFound when there is no such service.
  absl::StatusOr<std::unique_ptr<LogReader>> ReadLogs(
      absl::string_view cluster, absl::string_view name,
      const LogQuery& query) const;

 private:
  // kAborted without a reason when the record changed meanwhile.
  absl::StatusOr<Operation> BeginUninstall(absl::string_view cluster,
                                           absl::string_view name);
  // kFailedPrecondition with reason SERVICE_IN_USE, naming who uses it.
  absl::Status CheckUnused(const ServiceRecord& record) const;
  // Whether the operation that has the service binds it to `provider`.
  bool WillUse(const ServiceRecord& record, absl::string_view provider) const;
  void AddMovedPorts(const ServiceRecord& record, AppStatus* status) const;
  ServiceView View(ServiceRecord record) const;

  CatalogStore* store_;
  const Clusters* clusters_;
  OperationRunner* runner_;
  std::function<absl::Time()> now_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_SERVICES_H_
