#ifndef REGISTRY_API_PACKAGE_SERVICE_H_
#define REGISTRY_API_PACKAGE_SERVICE_H_

#include "registry/registry.h"
#include "registry/v1/package.grpc.pb.h"

namespace orrery::registry {

// orrery.registry.v1.PackageService over the snapshot. Contexts may be null.
class PackageService : public v1::PackageService::Service {
 public:
  // `registry` must outlive the service.
  explicit PackageService(const Registry* registry) : registry_(*registry) {}

  grpc::Status ListPackages(grpc::ServerContext* context,
                            const v1::ListPackagesRequest* request,
                            v1::ListPackagesResponse* response) override;
  grpc::Status GetPackage(grpc::ServerContext* context,
                          const v1::GetPackageRequest* request,
                          v1::GetPackageResponse* response) override;
  grpc::Status ListReleases(grpc::ServerContext* context,
                            const v1::ListReleasesRequest* request,
                            v1::ListReleasesResponse* response) override;
  grpc::Status GetRelease(grpc::ServerContext* context,
                          const v1::GetReleaseRequest* request,
                          v1::GetReleaseResponse* response) override;
  grpc::Status ListDependents(grpc::ServerContext* context,
                              const v1::ListDependentsRequest* request,
                              v1::ListDependentsResponse* response) override;
  grpc::Status SearchPackages(grpc::ServerContext* context,
                              const v1::SearchPackagesRequest* request,
                              v1::SearchPackagesResponse* response) override;

 private:
  const Registry& registry_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_API_PACKAGE_SERVICE_H_
