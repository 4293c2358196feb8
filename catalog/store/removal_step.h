#ifndef CATALOG_STORE_REMOVAL_STEP_H_
#define CATALOG_STORE_REMOVAL_STEP_H_

#include "catalog/store/plan.h"
#include "catalog/store/service_record.h"

namespace orrery::catalog {

// The step that takes a service away.
PlanStep RemovalStep(const ServiceRecord& record);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_REMOVAL_STEP_H_
