#ifndef CATALOG_PLANNING_PLANNER_H_
#define CATALOG_PLANNING_PLANNER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/operation/operation_runner.h"
#include "catalog/orchestrator/clusters.h"
#include "catalog/planning/plan_steps.h"
#include "catalog/planning/trust_gate.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/operation.h"
#include "catalog/store/plan.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// A plan with the services that it changes, in the order of its steps.
struct PreparedPlan {
  Plan plan;
  std::vector<PlannedService> services;
  // What steps use and the plan leaves as it is, as it was read.
  std::vector<StoredService> used;
};

// A plan that was begun.
struct StartedPlan {
  // Without steps when everything already is as wanted.
  Plan plan;
  // One for each step, in order.
  std::vector<Operation> operations;

  // That of a service; nothing when the plan has none.
  std::optional<Operation> Of(absl::string_view service) const;
};

// From a question to a plan, and from a plan to operations. Thread-safe.
class Planner {
 public:
  // All must outlive this; `snapshot` gives the current one. With null
  // for a gate everything may run.
  Planner(CatalogStore* store, const Clusters* clusters,
          OperationRunner* runner, PackageResolver* resolver,
          std::function<registry::SnapshotPtr()> snapshot,
          std::function<absl::Time()> now, const TrustGate* gate);

  // What would be done; changes nothing. kFailedPrecondition with reason
  // UNSATISFIABLE, kResourceExhausted with reason GAVE_UP, kAborted with reason
  // OPERATION_RUNNING, the errors of PlanSteps, and the refusals of TrustGate
  // and PlanCheck with reason NOT_TRUSTED.
  absl::StatusOr<PreparedPlan> Make(const ResolveQuery& query,
                                    const StepWishes& wishes) const;

  // Begins all that `prepare` has planned in one commit; it is asked again when
  // somebody else was faster. Its errors; kAborted with reason PLAN_CHANGED
  // when `plan_id` is not empty and the plan has another id, or others are
  // faster all the time.
  absl::StatusOr<StartedPlan> Start(
      const std::function<absl::StatusOr<PreparedPlan>()>& prepare,
      const std::string& plan_id) const;

  CatalogStore& store() const { return *store_; }
  const Clusters& clusters() const { return *clusters_; }
  OperationRunner& runner() const { return *runner_; }
  registry::SnapshotPtr snapshot() const { return snapshot_(); }

 private:
  // What was found out of a plan that may run.
  struct PlanVerdict {
    std::string evidence;
    std::vector<std::string> warnings;
  };

  // Reads what the steps use and the plan leaves as it is. kAborted with reason
  // OPERATION_RUNNING when that is being taken away or changed by another
  // operation.
  absl::Status ReadUsed(const Resolution& resolution,
                        PreparedPlan* prepared) const;
  absl::Status CheckUsed(const ServiceRecord& record) const;
  // kAborted with reason OPERATION_RUNNING when a step is told what a service
  // that comes up does not know yet itself.
  absl::Status CheckKnown(const PreparedPlan& prepared) const;
  // Steps 9 to 17 of trust.md §14.1; completes the steps.
  absl::StatusOr<PlanVerdict> CheckTrust(
      const ResolveQuery& query, const Resolution& resolution,
      const StepWishes& wishes, std::vector<PlannedService>& services) const;
  // kAborted without a reason when a service changed since it was planned.
  absl::StatusOr<StartedPlan> StartOnce(PreparedPlan prepared) const;

  CatalogStore* store_;
  const Clusters* clusters_;
  OperationRunner* runner_;
  PackageResolver* resolver_;
  std::function<registry::SnapshotPtr()> snapshot_;
  std::function<absl::Time()> now_;
  const TrustGate* gate_;
};

// What the user's options are, an object; empty text means none.
absl::StatusOr<registry::JsonValue> ParseUserOptions(const std::string& text);

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_PLANNER_H_
