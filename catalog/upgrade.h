#ifndef CATALOG_UPGRADE_H_
#define CATALOG_UPGRADE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/planning/planner.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/services.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

struct UpgradeRequest {
  std::string cluster;
  std::string service;
  // A range of versions (resolver.md §3), or a revision of a release,
  // `release=7#1`; empty means any.
  std::string range;
  // Over the user's options that the service has, one JSON object as text; a
  // null takes one back to its default. Empty means none.
  std::string options;
  bool allow_unknown_options = false;
  // Features that are to be on, beside those that are.
  std::vector<std::string> features = {};
  // What else is wanted of the answer; its items and updates come after the
  // service.
  ResolveQuery choices = {};
  // Makes it what it was before its present release or options, which must not
  // be said then: the same content, wherever the log has it.
  bool rollback = false;
};

// Makes a service another release, and others only where it must. Thread-safe.
class Upgrader {
 public:
  // Both must outlive this.
  Upgrader(const Planner* planner, const Services* services)
      : planner_(*planner), services_(*services) {}

  // What an upgrade would do. Changes nothing. The errors are those of
  // CatalogService.UpgradeService in catalog/v1/service.proto.
  absl::StatusOr<Plan> MakeUpgradePlan(const UpgradeRequest& request) const;

  // Plans and begins. When `plan_id` is not empty, kAborted with reason
  // PLAN_CHANGED unless the plan has that id.
  absl::StatusOr<StartedPlan> Upgrade(const UpgradeRequest& request,
                                      const std::string& plan_id) const;

 private:
  absl::StatusOr<PreparedPlan> Prepare(const UpgradeRequest& request) const;
  // With this range and these options instead of the request's.
  absl::StatusOr<PreparedPlan> PrepareChange(const UpgradeRequest& request,
                                             const ServiceRecord& record,
                                             const std::string& range,
                                             registry::JsonValue given) const;
  // What of a refused change can be done alone, in words behind the refusal;
  // empty when nothing can.
  std::string Rest(const UpgradeRequest& request, const ServiceRecord& record,
                   const registry::JsonValue& given) const;
  absl::StatusOr<PreparedPlan> PrepareRollback(const ServiceRecord& record,
                                               ResolveQuery query) const;
  // kFailedPrecondition with reason SOURCE_MISSING when what runs came from a
  // source that is not there, and nobody has chosen another.
  absl::Status CheckSource(const ServiceRecord& record,
                           const ResolveQuery& query) const;

  const Planner& planner_;
  const Services& services_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_UPGRADE_H_
