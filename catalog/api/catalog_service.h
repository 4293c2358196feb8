#ifndef CATALOG_API_CATALOG_SERVICE_H_
#define CATALOG_API_CATALOG_SERVICE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"

#include "catalog/api/message_stream.h"
#include "catalog/install.h"
#include "catalog/orchestrator/clusters.h"
#include "catalog/services.h"
#include "catalog/uninstall.h"
#include "catalog/upgrade.h"
#include "catalog/v1/service.grpc.pb.h"

namespace orrery::catalog {

// orrery.catalog.v1.CatalogService: converts, calls, converts. The context may
// be null: the HTTP listener calls the same methods.
class CatalogService : public v1::CatalogService::WithCallbackMethod_StreamLogs<
                           v1::CatalogService::Service> {
 public:
  // All must outlive this.
  CatalogService(const Installer* installer, const Upgrader* upgrader,
                 const Uninstaller* uninstaller, const Services* services,
                 const Clusters* clusters);

  grpc::Status ListServices(grpc::ServerContext* context,
                            const v1::ListServicesRequest* request,
                            v1::ListServicesResponse* response) override;
  grpc::Status GetService(grpc::ServerContext* context,
                          const v1::GetServiceRequest* request,
                          v1::GetServiceResponse* response) override;
  grpc::Status InstallService(grpc::ServerContext* context,
                              const v1::InstallServiceRequest* request,
                              v1::InstallServiceResponse* response) override;
  grpc::Status UpgradeService(grpc::ServerContext* context,
                              const v1::UpgradeServiceRequest* request,
                              v1::UpgradeServiceResponse* response) override;
  grpc::Status UninstallService(
      grpc::ServerContext* context, const v1::UninstallServiceRequest* request,
      v1::UninstallServiceResponse* response) override;
  grpc::Status ListClusters(grpc::ServerContext* context,
                            const v1::ListClustersRequest* request,
                            v1::ListClustersResponse* response) override;

  grpc::ServerWriteReactor<v1::StreamLogsResponse>* StreamLogs(
      grpc::CallbackServerContext* context,
      const v1::StreamLogsRequest* request) override;

  // What StreamLogs sends, for listeners other than gRPC.
  absl::StatusOr<std::unique_ptr<MessageStream<v1::StreamLogsResponse>>>
  OpenLogs(const v1::StreamLogsRequest& request) const;

 private:
  const Installer* installer_;
  const Upgrader* upgrader_;
  const Uninstaller* uninstaller_;
  const Services* services_;
  const Clusters* clusters_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_CATALOG_SERVICE_H_
