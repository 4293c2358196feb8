// Marathon's rules about networks and ports.

#ifndef CATALOG_ORCHESTRATOR_MARATHON_PORT_RULES_H_
#define CATALOG_ORCHESTRATOR_MARATHON_PORT_RULES_H_

#include <vector>

#include "catalog/orchestrator/marathon_app.h"
#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// Each appends what is wrong. Requires: `app` is normalized.
void CheckNetworks(const MarathonApp& app, std::vector<Violation>* found);
void CheckPorts(const MarathonApp& app, std::vector<Violation>* found);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_MARATHON_PORT_RULES_H_
