#include "registry/grpc_status.h"

#include <string>

#include "registry/error_details.h"
#include "third_party/google_rpc/error_details.pb.h"

namespace orrery::registry {
namespace {

constexpr char kDomain[] = "orrery";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(status.message());
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const ErrorReason reason = ReasonOf(status);
  if (reason.reason.empty()) return grpc::Status(code, message);

  google::rpc::ErrorInfo info;
  info.set_reason(reason.reason);
  info.set_domain(kDomain);
  info.mutable_metadata()->insert(reason.metadata.begin(),
                                  reason.metadata.end());
  google::rpc::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  details.add_details()->PackFrom(info);
  return grpc::Status(code, message, details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    result = WithReason(result, info.reason(),
                        {info.metadata().begin(), info.metadata().end()});
  }
  return result;
}

}  // namespace orrery::registry
