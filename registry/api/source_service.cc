#include "registry/api/source_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "registry/api/page.h"
#include "registry/api/proto_conversion.h"
#include "registry/source/webhook.h"
#include "registry/status/grpc_status.h"
#include "signing/encoding.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status ListPage(std::vector<SourceStatus> sources,
                      const v1::ListSourcesRequest& request,
                      v1::ListSourcesResponse* response) {
  if (request.stalled_only()) {
    std::erase_if(sources, [](const SourceStatus& status) {
      return !status.stalled_since.has_value();
    });
  }
  ORRERY_ASSIGN_OR_RETURN(
      const Page page,
      PageOf(PageRequestOf("sources", request), sources.size(), [&](size_t i) {
        const Source& source = sources[i].source;
        return absl::StrCat(SortableNumber(source.priority), source.name);
      }));
  for (size_t i = page.begin; i < page.end; ++i) {
    *response->add_sources() = SourceToProto(sources[i]);
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status Get(const Registry& registry, const v1::GetSourceRequest& request,
                 v1::GetSourceResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const SourceStatus status,
                          registry.GetSource(request.source()));
  *response->mutable_source() = SourceToProto(status);
  // What it says of its base, which may have changed without it.
  const SnapshotPtr snapshot = registry.snapshot();
  const SourceContents* contents = snapshot->FindSource(request.source());
  if (contents == nullptr || contents->overlay_of.empty()) {
    return absl::OkStatus();
  }
  return AddOverlayFindings(*snapshot, *contents, response->mutable_source());
}

absl::Status Create(Registry& registry, const v1::CreateSourceRequest& request,
                    v1::CreateSourceResponse* response) {
  AddSourceOptions options;
  options.skip_check = request.skip_check();
  ORRERY_ASSIGN_OR_RETURN(const Source source, SourceFromProto(request));
  ORRERY_ASSIGN_OR_RETURN(const AddedSource added,
                          registry.AddSource(source, options));
  SourceStatus status;
  status.source = added.source;
  *response->mutable_source() = SourceToProto(status);
  for (const std::string& warning : added.warnings) {
    response->add_warnings(ValidUtf8(warning));
  }
  return absl::OkStatus();
}

absl::Status Notify(Registry& registry, const v1::NotifySourceRequest& request,
                    v1::NotifySourceResponse* response) {
  WebhookFields fields;
  fields.hub_signatures.assign(request.hub_signatures().begin(),
                               request.hub_signatures().end());
  fields.gitea_signatures.assign(request.gitea_signatures().begin(),
                                 request.gitea_signatures().end());
  fields.gitlab_tokens.assign(request.gitlab_tokens().begin(),
                              request.gitlab_tokens().end());
  ORRERY_ASSIGN_OR_RETURN(
      WebhookDelivery delivery,
      registry.BeginNotification(request.source(), std::move(fields)));
  delivery.Add(request.body());
  ORRERY_ASSIGN_OR_RETURN(
      const int64_t look,
      registry.EndNotification(request.source(), std::move(delivery)));
  *response->mutable_operation() = OperationToProto(request.source(), look);
  return absl::OkStatus();
}

absl::Status GetOperation(const Registry& registry,
                          const v1::GetSourceOperationRequest& request,
                          v1::GetSourceOperationResponse* response) {
  const auto look = signing::ParseDecimal(request.operation());
  if (!look.ok()) {
    return absl::NotFoundError(absl::StrCat("source \"", request.source(),
                                            "\" has no operation \"",
                                            request.operation(), "\""));
  }
  const auto number = static_cast<int64_t>(*look);
  ORRERY_ASSIGN_OR_RETURN(const bool has_ended,
                          registry.HasEnded(request.source(), number));
  *response->mutable_operation() = OperationToProto(request.source(), number);
  if (!has_ended) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const SourceStatus status,
                          registry.GetSource(request.source()));
  EndOperation(status, response->mutable_operation());
  return absl::OkStatus();
}

}  // namespace

grpc::Status SourceService::ListSources(grpc::ServerContext*,
                                        const v1::ListSourcesRequest* request,
                                        v1::ListSourcesResponse* response) {
  return ToGrpcStatus(ListPage(registry_.ListSources(), *request, response));
}

grpc::Status SourceService::GetSource(grpc::ServerContext*,
                                      const v1::GetSourceRequest* request,
                                      v1::GetSourceResponse* response) {
  return ToGrpcStatus(Get(registry_, *request, response));
}

grpc::Status SourceService::CreateSource(grpc::ServerContext*,
                                         const v1::CreateSourceRequest* request,
                                         v1::CreateSourceResponse* response) {
  return ToGrpcStatus(Create(registry_, *request, response));
}

grpc::Status SourceService::DeleteSource(grpc::ServerContext*,
                                         const v1::DeleteSourceRequest* request,
                                         v1::DeleteSourceResponse*) {
  return ToGrpcStatus(registry_.RemoveSource(request->source()));
}

grpc::Status SourceService::SyncSource(grpc::ServerContext* context,
                                       const v1::SyncSourceRequest* request,
                                       v1::SyncSourceResponse* response) {
  const absl::Time deadline = context == nullptr
                                  ? absl::InfiniteFuture()
                                  : absl::FromChrono(context->deadline());
  const absl::StatusOr<SourceStatus> status = registry_.SyncSource(
      request->source(), request->accept_removals(), deadline);
  if (!status.ok()) return ToGrpcStatus(status.status());
  *response->mutable_source() = SourceToProto(*status);
  return grpc::Status::OK;
}

grpc::Status SourceService::AcceptTip(grpc::ServerContext* context,
                                      const v1::AcceptTipRequest* request,
                                      v1::AcceptTipResponse* response) {
  const absl::Time deadline = context == nullptr
                                  ? absl::InfiniteFuture()
                                  : absl::FromChrono(context->deadline());
  const absl::StatusOr<SourceStatus> status =
      registry_.AcceptTip(request->source(), request->tip(), deadline);
  if (!status.ok()) return ToGrpcStatus(status.status());
  *response->mutable_source() = SourceToProto(*status);
  return grpc::Status::OK;
}

grpc::Status SourceService::NotifySource(grpc::ServerContext*,
                                         const v1::NotifySourceRequest* request,
                                         v1::NotifySourceResponse* response) {
  return ToGrpcStatus(Notify(registry_, *request, response));
}

grpc::Status SourceService::AdmitKeyset(grpc::ServerContext* context,
                                        const v1::AdmitKeysetRequest* request,
                                        v1::AdmitKeysetResponse* response) {
  const absl::Time deadline = context == nullptr
                                  ? absl::InfiniteFuture()
                                  : absl::FromChrono(context->deadline());
  const absl::StatusOr<SourceStatus> status =
      registry_.AdmitKeyset(request->source(), request->package(), deadline);
  if (!status.ok()) return ToGrpcStatus(status.status());
  *response->mutable_source() = SourceToProto(*status);
  return grpc::Status::OK;
}

grpc::Status SourceService::GetSourceOperation(
    grpc::ServerContext*, const v1::GetSourceOperationRequest* request,
    v1::GetSourceOperationResponse* response) {
  return ToGrpcStatus(GetOperation(registry_, *request, response));
}

}  // namespace orrery::registry
