#include "server/api/routing_table.h"

#include <cassert>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "resolver/spelling.h"
#include "server/api/message_binding.h"
#include "server/api/message_json.h"
#include "server/http/problem.h"

namespace orrery::server {
namespace {

using google::protobuf::Message;

Problem BadRequest(std::vector<RequestFault> faults) {
  std::vector<std::string> lines;
  for (const RequestFault& fault : faults) {
    const std::string& place =
        fault.parameter.empty() ? fault.pointer : fault.parameter;
    lines.push_back(place.empty() ? fault.message
                                  : absl::StrCat(place, ": ", fault.message));
  }
  Problem problem =
      HttpProblem(400, "INVALID_REQUEST", absl::StrJoin(lines, "; "));
  problem.errors = std::move(faults);
  return problem;
}

// The faults of the request; empty when `message` is filled.
std::vector<RequestFault> Bind(const HttpRequest& request,
                               const PathTemplate::Variables& variables,
                               Message* message) {
  std::vector<RequestFault> faults;
  if (!request.body.empty()) faults = BindBody(request.body, message);
  auto parameters = ParseQuery(request.query);
  if (!parameters.has_value()) {
    faults.push_back(
        {.parameter = request.query, .message = "is badly percent-encoded"});
    return faults;
  }
  parameters->insert(parameters->end(), variables.begin(), variables.end());
  for (RequestFault& fault : BindParameters(*parameters, message)) {
    faults.push_back(std::move(fault));
  }
  return faults;
}

// How well `path` fits a template: the edit distance of the segments that are
// no variables, or nothing when the numbers of segments differ.
std::optional<int> PathDistance(const PathTemplate& path_template,
                                absl::string_view path) {
  const std::vector<absl::string_view> wanted =
      absl::StrSplit(path_template.text(), '/');
  const std::vector<absl::string_view> found = absl::StrSplit(path, '/');
  if (wanted.size() != found.size()) return std::nullopt;
  constexpr int kLimit = 3;
  int distance = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool is_variable = wanted[i].size() > 2 && wanted[i].front() == '{';
    if (!is_variable) {
      distance += resolver::EditDistance(found[i], wanted[i], kLimit);
    } else if (found[i].empty() || wanted[i].back() != '}') {
      distance += kLimit;
    }
  }
  return distance;
}

Lane LaneOf(const RpcRoute& rpc) {
  if (rpc.waits) return Lane::kWait;
  return rpc.verb == "GET" ? Lane::kRead : Lane::kWrite;
}

// The whole message, or only `field` of it when that is not null: a message, or
// a document as it is.
std::string AnswerJson(const Message& message,
                       const google::protobuf::FieldDescriptor* field) {
  if (field == nullptr) return MessageJson(message);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  return IsJsonDocument(*field)
             ? reflection.GetString(message, field)
             : MessageJson(reflection.GetMessage(message, field));
}

}  // namespace

void RoutingTable::AddPlain(
    absl::string_view verb, absl::string_view path, absl::string_view summary,
    std::function<HttpResponse(const HttpRequest&)> handle, Lane lane) {
  Route route{.verb = std::string(verb),
              .path = PathTemplate(path),
              .summary = std::string(summary)};
  route.admit = [handle = std::move(handle), lane](
                    const HttpRequest&, const PathTemplate::Variables&) {
    return Admission{.handle = handle, .lane = lane};
  };
  Add(std::move(route));
}

RoutingTable::Lookup RoutingTable::Find(absl::string_view verb,
                                        absl::string_view path) const {
  if (verb == "HEAD") verb = "GET";
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    auto variables = route.path.Match(path);
    if (!variables.has_value()) continue;
    if (route.verb == verb) return {&route, *std::move(variables), ""};
    allowed.insert(route.verb);
    if (route.verb == "GET") allowed.insert("HEAD");
  }
  return {nullptr, {}, absl::StrJoin(allowed, ", ")};
}

std::string RoutingTable::NearestPath(absl::string_view path) const {
  std::string nearest;
  int best = 5;
  for (const Route& route : routes_) {
    const std::optional<int> distance = PathDistance(route.path, path);
    if (distance.has_value() && *distance < best) {
      best = *distance;
      nearest = route.path.text();
    }
  }
  return nearest;
}

Route RoutingTable::RpcRouteOf(const RpcRoute& rpc, const Message& request,
                               const Message& response) const {
  Route route{.verb = std::string(rpc.verb),
              .path = PathTemplate(rpc.path),
              .summary = std::string(rpc.rpc.substr(rpc.rpc.rfind('.') + 1)),
              .rpc = std::string(rpc.rpc),
              .request = request.GetDescriptor(),
              .response = response.GetDescriptor(),
              .decided_by = rpc.decided_by};
  route.answer_field =
      route.response->FindFieldByName(std::string(rpc.answer_field));
  [[maybe_unused]] const auto* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          route.rpc);
  assert(method != nullptr && method->input_type() == route.request &&
         method->output_type() == route.response);
  assert(rpc.answer_field.empty() || route.answer_field != nullptr);
  return route;
}

void RoutingTable::AddAnswer(Route route, Lane lane, const Message& request,
                             Answer answer) {
  const uint64_t max_body_bytes = route.verb == "GET" ? 0 : max_body_bytes_;
  route.admit = [lane, max_body_bytes, &request, answer = std::move(answer)](
                    const HttpRequest&, PathTemplate::Variables variables) {
    Admission admission;
    admission.lane = lane;
    admission.max_body_bytes = max_body_bytes;
    admission.handle = [&request, &answer, variables = std::move(variables)](
                           const HttpRequest& http_request) {
      const std::unique_ptr<Message> message(request.New());
      std::vector<RequestFault> faults =
          Bind(http_request, variables, message.get());
      return faults.empty()
                 ? answer(http_request, *message)
                 : ProblemResponse(BadRequest(std::move(faults)), http_request);
    };
    return admission;
  };
  Add(std::move(route));
}

void RoutingTable::AddUnaryCall(const RpcRoute& rpc, const Message& request,
                                const Message& response, UnaryCall call) {
  Route route = RpcRouteOf(rpc, request, response);
  const auto* field = route.answer_field;
  AddAnswer(std::move(route), LaneOf(rpc), request,
            [call = std::move(call), &response, field](
                const HttpRequest& http_request, const Message& message) {
              const std::unique_ptr<Message> result(response.New());
              const grpc::Status status = call(message, result.get());
              return status.ok()
                         ? HttpResponse::Text(200, "application/json",
                                              AnswerJson(*result, field))
                         : ProblemResponse(ProblemOf(status), http_request);
            });
}

void RoutingTable::AddStreamCall(const RpcRoute& rpc, const Message& request,
                                 const Message& response, StreamCall call) {
  Route route = RpcRouteOf(rpc, request, response);
  route.is_stream = true;
  AddAnswer(std::move(route), LaneOf(rpc), request,
            [call = std::move(call)](const HttpRequest& http_request,
                                     const Message& message) {
              auto documents = call(message);
              return documents.ok()
                         ? EventResponse(std::make_unique<DocumentEvents>(
                               *std::move(documents), http_request.path,
                               http_request.request_id))
                         : ProblemResponse(ProblemOf(documents.status()),
                                           http_request);
            });
}

}  // namespace orrery::server
