// Marathon's rules about health and readiness checks.

#ifndef CATALOG_MANIFEST_MARATHON_CHECK_RULES_H_
#define CATALOG_MANIFEST_MARATHON_CHECK_RULES_H_

#include <vector>

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"

namespace orrery::catalog {

// Each appends what is wrong. Requires: `app` is normalized.
void CheckHealthChecks(const MarathonApp& app, std::vector<Violation>* found);
void CheckReadiness(const MarathonApp& app, std::vector<Violation>* found);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_CHECK_RULES_H_
