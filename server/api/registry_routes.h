#ifndef SERVER_API_REGISTRY_ROUTES_H_
#define SERVER_API_REGISTRY_ROUTES_H_

#include "registry/v1/artifact.grpc.pb.h"
#include "registry/v1/package.grpc.pb.h"
#include "registry/v1/source.grpc.pb.h"
#include "server/api/routing_table.h"
#include "server/api/webhook_handler.h"

namespace orrery::server {

// Adds orrery.registry.v1 to the table. The services, and what `notifications`
// calls, must outlive it; services take a null context.
void AddRegistryRoutes(registry::v1::PackageService::Service* packages,
                       registry::v1::SourceService::Service* sources,
                       registry::v1::ArtifactService::Service* artifacts,
                       Notifications notifications, RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_REGISTRY_ROUTES_H_
