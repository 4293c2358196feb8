// Marathon's rules about health and readiness checks.

#ifndef CATALOG_ORCHESTRATOR_MARATHON_CHECK_RULES_H_
#define CATALOG_ORCHESTRATOR_MARATHON_CHECK_RULES_H_

#include <vector>

#include "catalog/orchestrator/marathon_app.h"
#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// Each appends what is wrong. Requires: `app` is normalized.
void CheckHealthChecks(const MarathonApp& app, std::vector<Violation>* found);
void CheckReadiness(const MarathonApp& app, std::vector<Violation>* found);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_MARATHON_CHECK_RULES_H_
