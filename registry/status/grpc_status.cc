#include "registry/status/grpc_status.h"

#include <string>
#include <utility>
#include <vector>

#include "registry/status/error_details.h"
#include "registry/v1/field_fault.pb.h"
#include "third_party/google_rpc/error_details.pb.h"

namespace orrery::registry {
namespace {

constexpr char kDomain[] = "orrery";

void AddReason(const ErrorReason& reason, google::rpc::Status* details) {
  if (reason.reason.empty()) return;
  google::rpc::ErrorInfo info;
  info.set_reason(reason.reason);
  info.set_domain(kDomain);
  info.mutable_metadata()->insert(reason.metadata.begin(),
                                  reason.metadata.end());
  details->add_details()->PackFrom(info);
}

// Also in the form that every client knows.
void AddFaults(const std::vector<FieldFault>& faults,
               google::rpc::Status* details) {
  if (faults.empty()) return;
  google::rpc::BadRequest bad_request;
  v1::FieldFaults all;
  for (const FieldFault& fault : faults) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(fault.pointer);
    violation->set_description(fault.message);
    v1::FieldFault* detail = all.add_faults();
    detail->set_pointer(fault.pointer);
    detail->set_message(fault.message);
    if (!fault.found.empty()) detail->set_found(fault.found);
    if (!fault.wanted.empty()) detail->set_wanted(fault.wanted);
    if (!fault.description.empty()) detail->set_description(fault.description);
    if (!fault.fix.empty()) detail->set_fix(fault.fix);
  }
  details->add_details()->PackFrom(bad_request);
  details->add_details()->PackFrom(all);
}

std::vector<FieldFault> FaultsIn(const v1::FieldFaults& all) {
  std::vector<FieldFault> faults;
  for (const v1::FieldFault& fault : all.faults()) {
    faults.push_back({fault.pointer(), fault.message(), fault.found(),
                      fault.wanted(), fault.description(), fault.fix()});
  }
  return faults;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(status.message());
  const auto code = static_cast<grpc::StatusCode>(status.code());
  google::rpc::Status details;
  AddReason(ReasonOf(status), &details);
  AddFaults(FieldFaultsOf(status), &details);
  if (details.details().empty()) return grpc::Status(code, message);
  details.set_code(static_cast<int>(code));
  details.set_message(message);
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
    v1::FieldFaults faults;
    if (detail.UnpackTo(&info)) {
      result = WithReason(std::move(result), info.reason(),
                          {info.metadata().begin(), info.metadata().end()});
    } else if (detail.UnpackTo(&faults)) {
      result = WithFieldFaults(std::move(result), FaultsIn(faults));
    }
  }
  return result;
}

}  // namespace orrery::registry
