#ifndef SERVER_API_CATALOG_ROUTES_H_
#define SERVER_API_CATALOG_ROUTES_H_

#include "catalog/v1/operation.grpc.pb.h"
#include "catalog/v1/resolution.grpc.pb.h"
#include "catalog/v1/service.grpc.pb.h"
#include "server/api/routing_table.h"

namespace orrery::server {

// What streams of the catalog are opened with.
struct CatalogStreams {
  RoutingTable::OpenStream<catalog::v1::StreamLogsRequest,
                           catalog::v1::StreamLogsResponse>
      open_logs;
  RoutingTable::OpenStream<catalog::v1::WatchOperationRequest,
                           catalog::v1::WatchOperationResponse>
      open_watch;
};

// Adds orrery.catalog.v1 to the table. The services must outlive it and take a
// null context.
void AddCatalogRoutes(catalog::v1::CatalogService::Service* services,
                      catalog::v1::OperationService::Service* operations,
                      catalog::v1::ResolutionService::Service* resolution,
                      CatalogStreams streams, RoutingTable* table);

}  // namespace orrery::server

#endif  // SERVER_API_CATALOG_ROUTES_H_
