#ifndef CATALOG_RESOLUTION_REBINDING_H_
#define CATALOG_RESOLUTION_REBINDING_H_

#include <span>

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/running_service.h"

namespace orrery::catalog {

// Finds the nodes that keep their release and do not use what their records
// say, because that goes or changes with the answer, or because what they use
// now comes or changes with it (resolver.md §9.3). Who uses something else for
// other reasons is left alone until somebody asks for it.
void FindRebound(std::span<const RunningService> services,
                 Resolution* resolution);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_REBINDING_H_
