#ifndef CATALOG_SERVICES_H_
#define CATALOG_SERVICES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/operation/operation_runner.h"
#include "catalog/orchestrator/clusters.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/resolution.h"
#include "catalog/service_outputs.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/service_record.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// An installed service with what its cluster says of it.
struct ServiceView {
  ServiceRecord record;
  AppStatus status;
  std::vector<ServiceOutput> outputs;
  std::vector<AnswerNote> notes;
};

// Shows services. Thread-safe.
class Services {
 public:
  // All must outlive this; `admission` gives what the policy says now. Without
  // it everything is let in. `snapshot` gives the current one; without it
  // outputs know no defaults of options.
  Services(const CatalogStore* store, const Clusters* clusters,
           const OperationRunner* runner,
           std::function<ReleaseAdmissionPtr()> admission,
           std::function<registry::SnapshotPtr()> snapshot = nullptr);

  // kNotFound with reason SERVICE_NOT_FOUND and the nearest names.
  absl::StatusOr<ServiceView> Get(absl::string_view cluster,
                                  absl::string_view name) const;
  // Of one cluster, or of all for "-"; by cluster and name.
  absl::StatusOr<std::vector<ServiceView>> List(
      absl::string_view cluster) const;

  // The record alone; errors as Get.
  absl::StatusOr<StoredService> Find(absl::string_view cluster,
                                     absl::string_view name) const;

  // kNotFound when there is no such service.
  absl::StatusOr<std::unique_ptr<LogReader>> ReadLogs(
      absl::string_view cluster, absl::string_view name,
      const LogQuery& query) const;

 private:
  void AddMovedPorts(const ServiceRecord& record, AppStatus* status) const;
  void AddOutputs(ServiceView* view) const;
  ReleaseAdmissionPtr Admission() const;
  ServiceView View(ServiceRecord record, const std::set<std::string>& unused,
                   const ReleaseAdmission* admission) const;

  const CatalogStore* store_;
  const Clusters* clusters_;
  const OperationRunner* runner_;
  std::function<ReleaseAdmissionPtr()> admission_;
  std::function<registry::SnapshotPtr()> snapshot_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_SERVICES_H_
