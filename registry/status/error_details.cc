#include "registry/status/error_details.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/v1/field_fault.pb.h"
#include "third_party/google_rpc/error_details.pb.h"

namespace orrery::registry {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kFieldFaultsUrl[] =
    "type.googleapis.com/orrery.registry.v1.FieldFaults";
constexpr char kDomain[] = "orrery";

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const ErrorMetadata& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) {
    if (!value.empty()) (*info.mutable_metadata())[key] = value;
  }
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status WithPrefix(absl::string_view prefix, const absl::Status& status) {
  absl::Status longer(status.code(), absl::StrCat(prefix, status.message()));
  status.ForEachPayload(
      [&longer](absl::string_view url, const absl::Cord& payload) {
        longer.SetPayload(url, payload);
      });
  return longer;
}

void Suggest(const std::vector<std::string>& nearest, std::string* message,
             ErrorMetadata* metadata) {
  if (nearest.empty()) return;
  (*metadata)[kDidYouMean] = absl::StrJoin(nearest, ", ");
  absl::StrAppend(message, "; did you mean \"",
                  absl::StrJoin(nearest, "\", \""), "\"?");
}

ErrorReason ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kErrorInfoUrl);
  google::rpc::ErrorInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) {
    return {};
  }
  return {info.reason(), {info.metadata().begin(), info.metadata().end()}};
}

absl::Status WithFieldFaults(absl::Status status,
                             const std::vector<FieldFault>& faults) {
  google::rpc::BadRequest bad_request;
  v1::FieldFaults details;
  for (const FieldFault& fault : faults) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(fault.pointer);
    violation->set_description(fault.message);
    v1::FieldFault* detail = details.add_faults();
    detail->set_pointer(fault.pointer);
    detail->set_message(fault.message);
    if (!fault.found.empty()) detail->set_found(fault.found);
    if (!fault.wanted.empty()) detail->set_wanted(fault.wanted);
    if (!fault.description.empty()) detail->set_description(fault.description);
    if (!fault.fix.empty()) detail->set_fix(fault.fix);
  }
  status.SetPayload(kBadRequestUrl,
                    absl::Cord(bad_request.SerializeAsString()));
  status.SetPayload(kFieldFaultsUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

std::vector<FieldFault> FieldFaultsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kFieldFaultsUrl);
  v1::FieldFaults details;
  if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) {
    return {};
  }
  std::vector<FieldFault> faults;
  for (const v1::FieldFault& fault : details.faults()) {
    faults.push_back({fault.pointer(), fault.message(), fault.found(),
                      fault.wanted(), fault.description(), fault.fix()});
  }
  return faults;
}

}  // namespace orrery::registry
