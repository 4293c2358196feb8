#include "server/http/problem.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/json_value.h"
#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"

namespace orrery::server {
namespace {

using registry::JsonValue;

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
    case 421:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 408:
      return absl::StatusCode::kDeadlineExceeded;
    case 405:
    case 501:
      return absl::StatusCode::kUnimplemented;
    case 409:
      return absl::StatusCode::kFailedPrecondition;
    case 413:
    case 429:
    case 431:
      return absl::StatusCode::kResourceExhausted;
    case 500:
      return absl::StatusCode::kInternal;
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

JsonValue TextOrNull(const std::string& text) {
  return text.empty() ? JsonValue() : JsonValue::String(text);
}

JsonValue FaultJson(const RequestFault& fault) {
  return JsonValue::Object(
      {{"pointer", fault.parameter.empty() ? JsonValue::String(fault.pointer)
                                           : JsonValue()},
       {"parameter", TextOrNull(fault.parameter)},
       {"message", JsonValue::String(fault.message)},
       {"found", TextOrNull(fault.found)},
       {"wanted", TextOrNull(fault.wanted)},
       {"description", TextOrNull(fault.description)},
       {"fix", TextOrNull(fault.fix)}});
}

// The members of a refusal object (trust.md §14.2); its detail is there.
void AddRefusal(const Problem& problem, JsonValue* json) {
  if (!problem.metadata.contains("refused")) return;
  for (const char* name :
       {"refused", "registry", "package", "file", "pointer", "evidence"}) {
    const auto found = problem.metadata.find(name);
    if (found == problem.metadata.end()) continue;
    json->Set(name, JsonValue::String(found->second));
  }
  for (const char* name :
       {"exit", "check", "release", "revision", "leaf", "line"}) {
    const auto found = problem.metadata.find(name);
    if (found == problem.metadata.end()) continue;
    json->Set(name, JsonValue::NumberText(found->second));
  }
}

}  // namespace

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string CodeName(absl::StatusCode code) {
  return absl::StatusCodeToString(code);
}

Problem ProblemOf(const absl::Status& status) {
  registry::ErrorReason reason = registry::ReasonOf(status);
  Problem problem;
  problem.code = CodeName(status.code());
  problem.status = HttpStatusOf(status.code());
  problem.reason =
      reason.reason.empty() ? problem.code : std::move(reason.reason);
  problem.detail = std::string(status.message());
  problem.metadata = std::move(reason.metadata);
  for (const registry::FieldFault& fault : registry::FieldFaultsOf(status)) {
    problem.errors.push_back({.pointer = fault.pointer,
                              .message = fault.message,
                              .found = fault.found,
                              .wanted = fault.wanted,
                              .description = fault.description,
                              .fix = fault.fix});
  }
  return problem;
}

Problem ProblemOf(const grpc::Status& status) {
  return ProblemOf(registry::FromGrpcStatus(status));
}

Problem HttpProblem(int status, absl::string_view reason,
                    absl::string_view detail) {
  Problem problem;
  problem.status = status;
  problem.code = CodeName(CodeOf(status));
  problem.reason = std::string(reason);
  problem.detail = std::string(detail);
  return problem;
}

std::string ProblemJson(const Problem& problem, absl::string_view instance,
                        absl::string_view request_id) {
  std::vector<JsonValue> errors;
  for (const RequestFault& fault : problem.errors) {
    errors.push_back(FaultJson(fault));
  }
  std::vector<JsonValue::Member> metadata;
  for (const auto& [key, value] : problem.metadata) {
    metadata.push_back({key, JsonValue::String(value)});
  }
  JsonValue json = JsonValue::Object(
      {{"type", JsonValue::String("about:blank")},
       {"title", JsonValue::String(std::string(ReasonPhrase(problem.status)))},
       {"status", JsonValue::Integer(problem.status)},
       {"code", JsonValue::String(problem.code)},
       {"reason", JsonValue::String(problem.reason)},
       {"detail", JsonValue::String(problem.detail)},
       {"instance", JsonValue::String(std::string(instance))},
       {"errors", JsonValue::Array(std::move(errors))},
       {"metadata", JsonValue::Object(std::move(metadata))},
       {"request_id", JsonValue::String(std::string(request_id))}});
  AddRefusal(problem, &json);
  return registry::WriteJson(json);
}

HttpResponse ProblemResponse(const Problem& problem,
                             const HttpRequest& request) {
  HttpResponse response = HttpResponse::Text(
      problem.status, "application/problem+json",
      ProblemJson(problem, request.path, request.request_id));
  response.fields.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace orrery::server
