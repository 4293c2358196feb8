#ifndef REGISTRY_GRPC_STATUS_H_
#define REGISTRY_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace orrery::registry {

// The same code and message; a reason (see error_details.h) becomes the
// google.rpc.Status in `error_details`, as gRPC clients expect it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The way back: also the reason.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace orrery::registry

#endif  // REGISTRY_GRPC_STATUS_H_
