// What the `local` target takes beyond Marathon's rules (orchestrators.md
// §3.2).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_RULES_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_RULES_H_

#include <string>
#include <vector>

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/artifact_fetch.h"
#include "catalog/orchestrator/task/local_config.h"
#include "registry/store/artifact_store.h"

namespace orrery::catalog {

// Why an app that Marathon would take cannot run here.
std::vector<Violation> FindLocalViolations(
    const MarathonApp& app, const std::vector<ArtifactPin>& pins,
    const LocalConfig& config, const ArtifactFetcher& fetcher,
    const registry::ArtifactStore& store);

// What is lost, or should be known, when it runs here.
std::vector<std::string> FindLocalLosses(const MarathonApp& app,
                                         const LocalConfig& config);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_RULES_H_
