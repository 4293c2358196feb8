#ifndef REGISTRY_API_ARTIFACT_SERVICE_H_
#define REGISTRY_API_ARTIFACT_SERVICE_H_

#include "registry/store/artifact_store.h"
#include "registry/v1/artifact.grpc.pb.h"

namespace orrery::registry {

// orrery.registry.v1.ArtifactService. Contexts may be null.
class ArtifactService : public v1::ArtifactService::Service {
 public:
  // `store` must outlive the service.
  explicit ArtifactService(ArtifactStore* store) : store_(*store) {}

  grpc::Status ListArtifacts(grpc::ServerContext* context,
                             const v1::ListArtifactsRequest* request,
                             v1::ListArtifactsResponse* response) override;
  grpc::Status DeleteArtifact(grpc::ServerContext* context,
                              const v1::DeleteArtifactRequest* request,
                              v1::DeleteArtifactResponse* response) override;

 private:
  ArtifactStore& store_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_API_ARTIFACT_SERVICE_H_
