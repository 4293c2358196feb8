#ifndef REGISTRY_API_SOURCE_SERVICE_H_
#define REGISTRY_API_SOURCE_SERVICE_H_

#include "registry/registry.h"
#include "registry/v1/source.grpc.pb.h"

namespace orrery::registry {

// orrery.registry.v1.SourceService. Contexts may be null.
class SourceService : public v1::SourceService::Service {
 public:
  // `registry` must outlive the service.
  explicit SourceService(Registry* registry) : registry_(*registry) {}

  grpc::Status ListSources(grpc::ServerContext* context,
                           const v1::ListSourcesRequest* request,
                           v1::ListSourcesResponse* response) override;
  grpc::Status GetSource(grpc::ServerContext* context,
                         const v1::GetSourceRequest* request,
                         v1::GetSourceResponse* response) override;
  grpc::Status CreateSource(grpc::ServerContext* context,
                            const v1::CreateSourceRequest* request,
                            v1::CreateSourceResponse* response) override;
  grpc::Status DeleteSource(grpc::ServerContext* context,
                            const v1::DeleteSourceRequest* request,
                            v1::DeleteSourceResponse* response) override;
  grpc::Status SyncSource(grpc::ServerContext* context,
                          const v1::SyncSourceRequest* request,
                          v1::SyncSourceResponse* response) override;
  grpc::Status AcceptTip(grpc::ServerContext* context,
                         const v1::AcceptTipRequest* request,
                         v1::AcceptTipResponse* response) override;
  grpc::Status AdmitKeyset(grpc::ServerContext* context,
                           const v1::AdmitKeysetRequest* request,
                           v1::AdmitKeysetResponse* response) override;
  grpc::Status GetSourceOperation(
      grpc::ServerContext* context,
      const v1::GetSourceOperationRequest* request,
      v1::GetSourceOperationResponse* response) override;
  grpc::Status NotifySource(grpc::ServerContext* context,
                            const v1::NotifySourceRequest* request,
                            v1::NotifySourceResponse* response) override;

 private:
  Registry& registry_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_API_SOURCE_SERVICE_H_
