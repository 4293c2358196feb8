// What an update of an app may not change (Marathon's rules).

#ifndef CATALOG_ORCHESTRATOR_UPDATE_RULES_H_
#define CATALOG_ORCHESTRATOR_UPDATE_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"

namespace orrery::catalog {

// Paths with what is there and what is asked for: the id of every app; volumes,
// resources and fixed ports of one that has a persistent volume.
std::vector<Violation> FindUpdateViolations(const MarathonApp& running,
                                            const MarathonApp& wanted);

// Whether the manifests, JSON texts, say the same but for the number of
// instances and the labels that change with any option.
bool DifferOnlyInInstances(absl::string_view running, absl::string_view wanted);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_UPDATE_RULES_H_
