// Errors over HTTP: application/problem+json (RFC 9457).

#ifndef SERVER_HTTP_PROBLEM_H_
#define SERVER_HTTP_PROBLEM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

#include "server/http/http_message.h"

namespace orrery::server {

// One fault of a request. At most one of the places is set.
struct RequestFault {
  // JSON pointer into the body; empty is the body itself.
  std::string pointer = {};
  // Name of a query or path parameter.
  std::string parameter = {};
  // The fault as one sentence.
  std::string message = {};
  // As in registry::FieldFault; empty says nothing.
  std::string found = {};
  std::string wanted = {};
  std::string description = {};
  std::string fix = {};

  bool operator==(const RequestFault&) const = default;
};

struct Problem {
  int status = 500;
  // Canonical code, for example "NOT_FOUND".
  std::string code;
  // Stable word for programs, for example "SOURCE_HELD"; defaults to the code.
  std::string reason;
  // For people; may change.
  std::string detail;
  // Facts that go with the reason, for example {"did_you_mean", "kafka"}.
  std::map<std::string, std::string> metadata;
  std::vector<RequestFault> errors;
};

// The HTTP status of a canonical code. FAILED_PRECONDITION, ALREADY_EXISTS and
// ABORTED are all 409 (the `reason` tells them apart); RESOURCE_EXHAUSTED is
// 429, CANCELLED 499.
int HttpStatusOf(absl::StatusCode code);
// "FAILED_PRECONDITION" and the like.
std::string CodeName(absl::StatusCode code);

Problem ProblemOf(const absl::Status& status);
Problem ProblemOf(const grpc::Status& status);
// A problem of HTTP itself, with the code that fits the status best.
Problem HttpProblem(int status, absl::string_view reason,
                    absl::string_view detail);

// {"type","title","status","code","reason","detail","instance","errors",
// "metadata","request_id"} in one line. `instance` is the path asked for.
std::string ProblemJson(const Problem& problem, absl::string_view instance,
                        absl::string_view request_id);
HttpResponse ProblemResponse(const Problem& problem,
                             const HttpRequest& request);

}  // namespace orrery::server

#endif  // SERVER_HTTP_PROBLEM_H_
