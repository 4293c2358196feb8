#ifndef CATALOG_MOVED_PORT_H_
#define CATALOG_MOVED_PORT_H_

#include <string>
#include <vector>

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/store/catalog_store.h"
#include "catalog/store/service_record.h"

namespace orrery::catalog {

// What is to be known where a stranger took a port of the service: for each
// endpoint that had to move, which of `services` were given the port that it
// had before and still have it in their options. Empty when none has.
std::vector<std::string> MovedPortTexts(
    const ServiceRecord& provider, const std::vector<AppEndpoint>& endpoints,
    const std::vector<StoredServicePtr>& services);

}  // namespace orrery::catalog

#endif  // CATALOG_MOVED_PORT_H_
