#ifndef SERVER_GRPC_SERVER_H_
#define SERVER_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/impl/service_type.h"

#include "server/http/listen_address.h"
#include "server/process/metrics.h"

namespace grpc {
class Server;
}  // namespace grpc

namespace orrery::server {

// A service with the full name that the health service knows it by.
struct NamedService {
  std::string name;
  grpc::Service* service = nullptr;
};

struct GrpcServerOptions {
  ListenAddress address;
  std::vector<NamedService> services;
  // For all synchronous calls; past them the answer is RESOURCE_EXHAUSTED.
  int max_threads = 32;
  int max_message_bytes = 8 << 20;
};

// Hosts services over gRPC, with health and reflection. Thread-safe.
class GrpcServer {
 public:
  // Listens and serves; every service is NOT_SERVING until SetServing. The
  // services and `metrics` must outlive the server. kFailedPrecondition, naming
  // the address, when it cannot listen.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, Metrics* metrics);

  // Drain(ZeroDuration()).
  ~GrpcServer();

  // The one that was bound: never port 0.
  const ListenAddress& address() const { return address_; }

  void SetServing(bool serving);

  // NOT_SERVING, then ends: calls that have begun may finish for `limit`.
  void Drain(absl::Duration limit);

 private:
  GrpcServer(ListenAddress address, std::vector<std::string> names,
             std::unique_ptr<grpc::Server> server);

  ListenAddress address_;
  std::vector<std::string> names_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace orrery::server

#endif  // SERVER_GRPC_SERVER_H_
