#ifndef SERVER_API_HOT_PACKAGE_SERVICE_H_
#define SERVER_API_HOT_PACKAGE_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/slice.h"

#include "registry/v1/package.grpc.pb.h"
#include "server/api/hot_answers.h"
#include "server/http/worker_pool.h"

namespace orrery::server {

// The methods that what is served alone decides, as bytes in and out.
using RawPackageService =
    registry::v1::PackageService::WithRawCallbackMethod_ListPackages<
        registry::v1::PackageService::WithRawCallbackMethod_GetPackage<
            registry::v1::PackageService::WithRawCallbackMethod_ListReleases<
                registry::v1::PackageService::WithRawCallbackMethod_GetRelease<
                    registry::v1::PackageService::Service>>>>;

// Another PackageService over gRPC, whose serialised answers are kept until
// what they say changes, and go out without being copied. Thread-safe.
class HotPackageService : public RawPackageService {
 public:
  struct Options {
    // See HotAnswers.
    std::function<uint64_t(absl::string_view)> epoch_of;
    size_t max_bytes = size_t{32} << 20;
    // For answers that are not there; past the queue the call fails with
    // RESOURCE_EXHAUSTED.
    int threads = 4;
    size_t max_queued = 4096;
  };

  // `inner` must outlive the service, and the server that hosts the service
  // must have ended before it does.
  HotPackageService(registry::v1::PackageService::Service* inner,
                    Options options);

  grpc::ServerUnaryReactor* ListPackages(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetPackage(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListReleases(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetRelease(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::Status ListDependents(
      grpc::ServerContext* context,
      const registry::v1::ListDependentsRequest* request,
      registry::v1::ListDependentsResponse* response) override;
  grpc::Status SearchPackages(
      grpc::ServerContext* context,
      const registry::v1::SearchPackagesRequest* request,
      registry::v1::SearchPackagesResponse* response) override;

 private:
  // A method over serialised messages.
  struct Call {
    // Of a request: the package that decides the answer; empty when all that
    // is served does.
    std::function<std::string(absl::string_view)> package_of;
    std::function<grpc::Status(absl::string_view, grpc::Slice*)> answer;
  };

  template <typename Request, typename Response>
  Call CallOf(grpc::Status (registry::v1::PackageService::Service::*method)(
      grpc::ServerContext*, const Request*, Response*)) const;
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   absl::string_view method,
                                   const grpc::ByteBuffer& request, Call call,
                                   grpc::ByteBuffer* response);
  grpc::Status Make(const std::string& key, absl::string_view request,
                    const Call& call, grpc::ByteBuffer* response);

  registry::v1::PackageService::Service* inner_;
  HotAnswers<grpc::Slice> hot_;
  WorkerPool workers_;
};

}  // namespace orrery::server

#endif  // SERVER_API_HOT_PACKAGE_SERVICE_H_
