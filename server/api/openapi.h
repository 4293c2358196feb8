// The OpenAPI 3.1 document of a routing table.

#ifndef SERVER_API_OPENAPI_H_
#define SERVER_API_OPENAPI_H_

#include <string>

#include "absl/strings/string_view.h"

#include "server/api/routing_table.h"

namespace orrery::server {

// Paths from the routes, schemas from the descriptors of their messages.
std::string OpenApiJson(const RoutingTable& table, absl::string_view version);

// Adds /openapi.json, for the routes that are in the table by then and itself.
void AddOpenApiRoute(absl::string_view version, RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_OPENAPI_H_
