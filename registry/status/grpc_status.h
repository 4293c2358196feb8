#ifndef REGISTRY_STATUS_GRPC_STATUS_H_
#define REGISTRY_STATUS_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace orrery::registry {

// The same code and message; the details of error_details.h become the
// google.rpc.Status in `error_details`, as gRPC clients expect it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The way back, with the details.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace orrery::registry

#endif  // REGISTRY_STATUS_GRPC_STATUS_H_
