#ifndef SERVER_API_LOG_HANDLER_H_
#define SERVER_API_LOG_HANDLER_H_

#include <string>

#include "registry/log/registry_log.h"
#include "server/api/routing_table.h"

namespace orrery::server {

// Adds what a mirror serves (spec: trust.md §16): /log/checkpoint, which no
// cache may keep, and below /log/tile, /catalog, /leaf and /blob what never
// changes; beside it /v1/trust/{name}, the trust files in `data_dir`. `log`
// must outlive the table.
void AddLogRoutes(registry::RegistryLog* log, const std::string& data_dir,
                  RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_LOG_HANDLER_H_
