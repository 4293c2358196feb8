#include "server/api/catalog_routes.h"

#include <utility>

namespace orrery::server {
namespace {

using catalog::v1::CatalogService;
using catalog::v1::OperationService;
using catalog::v1::ResolutionService;
using catalog::v1::StreamLogsRequest;
using catalog::v1::StreamLogsResponse;
using catalog::v1::WatchOperationRequest;
using catalog::v1::WatchOperationResponse;

void AddServices(CatalogService::Service* services, RoutingTable* table) {
  using Service = CatalogService::Service;
  table->AddUnary({.verb = "GET",
                   .path = "/v1/clusters",
                   .rpc = "orrery.catalog.v1.CatalogService.ListClusters"},
                  services, &Service::ListClusters);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/clusters/{cluster}/services",
                   .rpc = "orrery.catalog.v1.CatalogService.ListServices"},
                  services, &Service::ListServices);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/clusters/{cluster}/services",
                   .rpc = "orrery.catalog.v1.CatalogService.InstallService"},
                  services, &Service::InstallService);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/clusters/{cluster}/services/{service}",
                   .rpc = "orrery.catalog.v1.CatalogService.GetService",
                   .answer_field = "service"},
                  services, &Service::GetService);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/clusters/{cluster}/services/{service}:upgrade",
                   .rpc = "orrery.catalog.v1.CatalogService.UpgradeService"},
                  services, &Service::UpgradeService);
  table->AddUnary(
      {.verb = "POST",
       .path = "/v1/clusters/{cluster}/services/{service}:uninstall",
       .rpc = "orrery.catalog.v1.CatalogService.UninstallService"},
      services, &Service::UninstallService);
  table->AddUnary({.verb = "DELETE",
                   .path = "/v1/clusters/{cluster}/services/{service}",
                   .rpc = "orrery.catalog.v1.CatalogService.UninstallService"},
                  services, &Service::UninstallService);
}

void AddOperations(OperationService::Service* operations, RoutingTable* table) {
  using Service = OperationService::Service;
  table->AddUnary({.verb = "GET",
                   .path = "/v1/operations",
                   .rpc = "orrery.catalog.v1.OperationService.ListOperations"},
                  operations, &Service::ListOperations);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/operations/{operation}",
                   .rpc = "orrery.catalog.v1.OperationService.GetOperation",
                   .answer_field = "operation"},
                  operations, &Service::GetOperation);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/operations/{operation}:abort",
                   .rpc = "orrery.catalog.v1.OperationService.AbortOperation",
                   .answer_field = "operation"},
                  operations, &Service::AbortOperation);
}

void AddResolution(ResolutionService::Service* resolution,
                   RoutingTable* table) {
  using Service = ResolutionService::Service;
  table->AddUnary({.verb = "POST",
                   .path = "/v1/resolve",
                   .rpc = "orrery.catalog.v1.ResolutionService.Resolve",
                   .answer_field = "answer"},
                  resolution, &Service::Resolve);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/why",
                   .rpc = "orrery.catalog.v1.ResolutionService.Why",
                   .answer_field = "answer"},
                  resolution, &Service::Why);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/clusters/{cluster}/outdated",
                   .rpc = "orrery.catalog.v1.ResolutionService.Outdated",
                   .answer_field = "answer"},
                  resolution, &Service::Outdated);
}

}  // namespace

void AddCatalogRoutes(CatalogService::Service* services,
                      OperationService::Service* operations,
                      ResolutionService::Service* resolution,
                      CatalogStreams streams, RoutingTable* table) {
  AddServices(services, table);
  AddOperations(operations, table);
  AddResolution(resolution, table);
  table->AddStream<StreamLogsRequest, StreamLogsResponse>(
      {.verb = "GET",
       .path = "/v1/clusters/{cluster}/services/{service}:logs",
       .rpc = "orrery.catalog.v1.CatalogService.StreamLogs"},
      std::move(streams.open_logs));
  table->AddStream<WatchOperationRequest, WatchOperationResponse>(
      {.verb = "GET",
       .path = "/v1/operations/{operation}:watch",
       .rpc = "orrery.catalog.v1.OperationService.WatchOperation"},
      std::move(streams.open_watch));
}

}  // namespace orrery::server
