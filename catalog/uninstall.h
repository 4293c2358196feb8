#ifndef CATALOG_UNINSTALL_H_
#define CATALOG_UNINSTALL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/planning/planner.h"
#include "catalog/services.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/plan.h"

namespace orrery::catalog {

struct UninstallRequest {
  std::string cluster;
  std::string service;
  // Takes along what came with it and nothing else needs.
  bool with_unused = false;
};

// Stops services and removes them; data in volumes stays. Thread-safe.
class Uninstaller {
 public:
  // Both must outlive this.
  Uninstaller(const Planner* planner, const Services* services)
      : planner_(*planner), services_(*services) {}

  // What would go, consumers first, and what would be unused then. Changes
  // nothing. kNotFound with the nearest names; kFailedPrecondition with reason
  // SERVICE_IN_USE while another service is bound to it or being so; kAborted
  // with reason OPERATION_RUNNING while it, or one that goes along, is being
  // uninstalled.
  absl::StatusOr<Plan> MakeUninstallPlan(const UninstallRequest& request) const;

  // Plans and begins. Installations and upgrades that go on are ended by it.
  // When `plan_id` is not empty, kAborted with reason PLAN_CHANGED unless the
  // plan has that id.
  absl::StatusOr<StartedPlan> Uninstall(const UninstallRequest& request,
                                        const std::string& plan_id) const;

 private:
  absl::StatusOr<PreparedPlan> Prepare(const UninstallRequest& request) const;
  absl::Status CheckFree(const ServiceRecord& record) const;
  // Bound also to what an operation that goes on binds them to.
  absl::StatusOr<std::vector<StoredServicePtr>> ReadServices(
      const std::string& cluster) const;

  const Planner& planner_;
  const Services& services_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_UNINSTALL_H_
