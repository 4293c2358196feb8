#include "server/webhook_handler.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "google/protobuf/repeated_ptr_field.h"

#include "server/message_json.h"
#include "server/problem.h"

namespace orrery::server {
namespace {

using registry::v1::NotifySourceRequest;
using registry::v1::NotifySourceResponse;
using registry::v1::SourceService;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr int kAccepted = 202;
constexpr uint64_t kMaxBodyBytes = uint64_t{8} << 20;

void AddValues(const HttpFields& fields, absl::string_view name,
               Texts* values) {
  for (const HttpField& field : fields.List()) {
    if (absl::EqualsIgnoreCase(field.name, name)) {
      *values->Add() = std::string(field.value);
    }
  }
}

HttpResponse Notify(SourceService::Service& sources, const std::string& source,
                    const HttpRequest& http_request) {
  NotifySourceRequest request;
  request.set_source(source);
  request.set_body(http_request.body);
  AddValues(http_request.fields, "X-Hub-Signature-256",
            request.mutable_hub_signatures());
  AddValues(http_request.fields, "X-Gitea-Signature",
            request.mutable_gitea_signatures());
  AddValues(http_request.fields, "X-Gitlab-Token",
            request.mutable_gitlab_tokens());
  NotifySourceResponse response;
  const grpc::Status status =
      sources.NotifySource(nullptr, &request, &response);
  return status.ok() ? HttpResponse::Text(kAccepted, "application/json",
                                          MessageJson(response))
                     : ProblemResponse(ProblemOf(status), http_request);
}

}  // namespace

void AddWebhookRoute(SourceService::Service* sources, RoutingTable* table) {
  Route route{.verb = "POST",
              .path = PathTemplate("/v1/sources/{source}:notify"),
              .summary = "NotifySource",
              .rpc = "orrery.registry.v1.SourceService.NotifySource",
              .request = NotifySourceRequest::descriptor(),
              .response = NotifySourceResponse::descriptor()};
  route.success_status = kAccepted;
  route.body_type = "*/*";
  route.admit = [sources](const HttpRequest&,
                          const PathTemplate::Variables& variables) {
    Admission admission;
    // Soon done, and not to be kept waiting by syncs.
    admission.lane = Lane::kRead;
    admission.max_body_bytes = kMaxBodyBytes;
    admission.handle = [sources, source = variables.front().second](
                           const HttpRequest& request) {
      return Notify(*sources, source, request);
    };
    return admission;
  };
  table->Add(std::move(route));
}

}  // namespace orrery::server
