// Marathon's rules about networks and ports.

#ifndef CATALOG_MANIFEST_MARATHON_PORT_RULES_H_
#define CATALOG_MANIFEST_MARATHON_PORT_RULES_H_

#include <vector>

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"

namespace orrery::catalog {

// Each appends what is wrong. Requires: `app` is normalized.
void CheckNetworks(const MarathonApp& app, std::vector<Violation>* found);
void CheckPorts(const MarathonApp& app, std::vector<Violation>* found);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_PORT_RULES_H_
