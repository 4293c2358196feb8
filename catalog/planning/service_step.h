#ifndef CATALOG_PLANNING_SERVICE_STEP_H_
#define CATALOG_PLANNING_SERVICE_STEP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/store/plan.h"
#include "catalog/store/service_record.h"
#include "registry/format/json_value.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"

namespace orrery::catalog {

// A release that is to run as a service.
struct ServiceStepRequest {
  std::string cluster;
  std::string service;
  registry::ReleasePtr release;
  // The user's options, an object.
  registry::JsonValue options = registry::JsonValue::Object();
  // Under the user's: what relations set.
  registry::JsonValue computed = registry::JsonValue::Object();
  // Those of them that hold placeholders.
  std::vector<LateOption> late;
  // As of PlanStep.
  std::vector<std::string> secrets;
  bool allow_unknown_options = false;
  // The service has an app, which becomes this one.
  bool is_update = false;
};

// Reason of the error when the app breaks rules of the cluster, or changes what
// an update may not.
inline constexpr char kManifestInvalid[] = "MANIFEST_INVALID";

struct ServiceStep {
  PlanStep step;
  // As AppForecast.
  Resources more;
  std::vector<std::string> warnings;
};

// Validates, renders and tries it on the cluster; changes nothing. `owner`
// names this store. The errors are those of CatalogService.InstallService.
absl::StatusOr<ServiceStep> MakeServiceStep(const registry::Snapshot& snapshot,
                                            Orchestrator& cluster,
                                            const std::string& owner,
                                            const ServiceStepRequest& request);

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_SERVICE_STEP_H_
