#ifndef CATALOG_API_RESOLUTION_SERVICE_H_
#define CATALOG_API_RESOLUTION_SERVICE_H_

#include "grpcpp/grpcpp.h"

#include "catalog/resolution/package_resolver.h"
#include "catalog/v1/resolution.grpc.pb.h"

namespace orrery::catalog {

// orrery.catalog.v1.ResolutionService: converts, calls, converts. The context
// may be null: the HTTP listener calls the same methods.
class ResolutionService : public v1::ResolutionService::Service {
 public:
  // `resolver` must outlive this.
  explicit ResolutionService(PackageResolver* resolver)
      : resolver_(*resolver) {}

  grpc::Status Resolve(grpc::ServerContext* context,
                       const v1::ResolveRequest* request,
                       v1::ResolveResponse* response) override;
  grpc::Status Why(grpc::ServerContext* context, const v1::WhyRequest* request,
                   v1::WhyResponse* response) override;
  grpc::Status Outdated(grpc::ServerContext* context,
                        const v1::OutdatedRequest* request,
                        v1::OutdatedResponse* response) override;

 private:
  PackageResolver& resolver_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_RESOLUTION_SERVICE_H_
