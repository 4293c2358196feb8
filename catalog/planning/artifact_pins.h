#ifndef CATALOG_PLANNING_ARTIFACT_PINS_H_
#define CATALOG_PLANNING_ARTIFACT_PINS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// The digests that artifacts.json promises for the asset URIs of resource.json,
// by URI (universe-format §2). Either text may be empty. kFailedPrecondition
// when two aliases promise different bytes for one URI.
absl::StatusOr<std::vector<ArtifactPin>> ArtifactPins(
    absl::string_view resource_json, absl::string_view artifacts_json);

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_ARTIFACT_PINS_H_
