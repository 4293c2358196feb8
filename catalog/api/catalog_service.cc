#include "catalog/api/catalog_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/api/message_streams.h"
#include "catalog/api/proto_conversion.h"
#include "catalog/api/resolve_query_proto.h"
#include "catalog/api/stream_reactor.h"
#include "catalog/resolution/solve_basis.h"
#include "registry/api/page.h"
#include "registry/format/json_value.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ToGrpcStatus;

absl::Status ListServicesOf(const Services& services,
                            const v1::ListServicesRequest& request,
                            v1::ListServicesResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<ServiceView> views,
                          services.List(request.cluster()));
  ORRERY_ASSIGN_OR_RETURN(
      const registry::Page page,
      registry::PageOf(
          registry::PageRequestOf(absl::StrCat("services/", request.cluster()),
                                  request),
          views.size(), [&views](size_t i) {
            const ServiceRecord& record = views[i].record;
            return absl::StrCat(record.cluster, "/", record.name);
          }));
  for (size_t i = page.begin; i < page.end; ++i) {
    *response->add_services() = ToProto(views[i]);
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::Status ListClustersOf(const Clusters& clusters,
                            const v1::ListClustersRequest& request,
                            v1::ListClustersResponse* response) {
  const std::vector<std::string> names = clusters.Names();
  ORRERY_ASSIGN_OR_RETURN(
      const registry::Page page,
      registry::PageOf(registry::PageRequestOf("clusters", request),
                       names.size(), [&names](size_t i) { return names[i]; }));
  for (size_t i = page.begin; i < page.end; ++i) {
    ORRERY_ASSIGN_OR_RETURN(const Orchestrator* cluster,
                            clusters.Find(names[i]));
    v1::Cluster* message = response->add_clusters();
    message->set_name(names[i]);
    message->set_kind(std::string(cluster->kind()));
    for (std::string& note : cluster->Notes()) {
      message->add_notes(std::move(note));
    }
  }
  if (!page.next_token.empty()) {
    response->set_next_page_token(page.next_token);
  }
  return absl::OkStatus();
}

absl::StatusOr<InstallRequest> FromProto(
    const v1::InstallServiceRequest& request) {
  InstallRequest install = {request.cluster(), request.package(),
                            request.range(),   request.service(),
                            request.options(), request.allow_unknown_options()};
  install.features.assign(request.features().begin(), request.features().end());
  ORRERY_ASSIGN_OR_RETURN(install.choices,
                          ResolveQueryOf(request.resolution()));
  return install;
}

absl::StatusOr<UpgradeRequest> FromProto(
    const v1::UpgradeServiceRequest& request) {
  UpgradeRequest upgrade = {request.cluster(), request.service(),
                            request.range(), request.options(),
                            request.allow_unknown_options()};
  upgrade.features.assign(request.features().begin(), request.features().end());
  ORRERY_ASSIGN_OR_RETURN(upgrade.choices,
                          ResolveQueryOf(request.resolution()));
  upgrade.rollback = request.rollback();
  if (upgrade.rollback && (!upgrade.range.empty() || !upgrade.options.empty() ||
                           !upgrade.features.empty())) {
    return absl::InvalidArgumentError(
        "a rollback goes to what the service was: no range, options or "
        "features can be given");
  }
  return upgrade;
}

// `service` is the one that was asked for.
template <typename Response>
void SetStarted(const StartedPlan& started, const std::string& service,
                Response* response) {
  *response->mutable_plan() = ToProto(started.plan);
  if (const std::optional<Operation> operation = started.Of(service)) {
    *response->mutable_operation() = ToProto(*operation);
  }
  for (const Operation& operation : started.operations) {
    *response->add_operations() = ToProto(operation);
  }
}

// With what who verifies it has to know.
template <typename Response>
void SetPlanned(const Plan& plan, Response* response) {
  *response->mutable_plan() = ToProto(plan);
  response->set_lock(plan.lock);
  response->set_plan_document(PlanDocument(plan));
  if (plan.basis.has_value()) {
    response->set_basis(registry::WriteJson(SolveBasisToJson(*plan.basis)));
  }
}

absl::Status Install(const Installer& installer,
                     const v1::InstallServiceRequest& request,
                     v1::InstallServiceResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const InstallRequest install, FromProto(request));
  if (request.validate_only()) {
    ORRERY_ASSIGN_OR_RETURN(const Plan plan,
                            installer.MakeInstallPlan(install));
    SetPlanned(plan, response);
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const StartedPlan started,
                          installer.Install(install, request.plan_id()));
  SetStarted(started,
             install.service.empty() ? install.package : install.service,
             response);
  response->set_lock(started.plan.lock);
  return absl::OkStatus();
}

absl::Status Upgrade(const Upgrader& upgrader,
                     const v1::UpgradeServiceRequest& request,
                     v1::UpgradeServiceResponse* response) {
  ORRERY_ASSIGN_OR_RETURN(const UpgradeRequest upgrade, FromProto(request));
  if (request.validate_only()) {
    ORRERY_ASSIGN_OR_RETURN(const Plan plan, upgrader.MakeUpgradePlan(upgrade));
    SetPlanned(plan, response);
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const StartedPlan started,
                          upgrader.Upgrade(upgrade, request.plan_id()));
  SetStarted(started, upgrade.service, response);
  response->set_lock(started.plan.lock);
  return absl::OkStatus();
}

absl::Status Uninstall(const Uninstaller& uninstaller,
                       const v1::UninstallServiceRequest& request,
                       v1::UninstallServiceResponse* response) {
  const UninstallRequest uninstall = {request.cluster(), request.service(),
                                      request.with_unused()};
  if (request.validate_only()) {
    ORRERY_ASSIGN_OR_RETURN(const Plan plan,
                            uninstaller.MakeUninstallPlan(uninstall));
    *response->mutable_plan() = ToProto(plan);
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const StartedPlan started,
                          uninstaller.Uninstall(uninstall, request.plan_id()));
  SetStarted(started, uninstall.service, response);
  return absl::OkStatus();
}

}  // namespace

CatalogService::CatalogService(const Installer* installer,
                               const Upgrader* upgrader,
                               const Uninstaller* uninstaller,
                               const Services* services,
                               const Clusters* clusters)
    : installer_(installer),
      upgrader_(upgrader),
      uninstaller_(uninstaller),
      services_(services),
      clusters_(clusters) {}

grpc::Status CatalogService::ListServices(
    grpc::ServerContext*, const v1::ListServicesRequest* request,
    v1::ListServicesResponse* response) {
  return ToGrpcStatus(ListServicesOf(*services_, *request, response));
}

grpc::Status CatalogService::GetService(grpc::ServerContext*,
                                        const v1::GetServiceRequest* request,
                                        v1::GetServiceResponse* response) {
  const absl::StatusOr<ServiceView> view =
      services_->Get(request->cluster(), request->service());
  if (!view.ok()) return ToGrpcStatus(view.status());
  *response->mutable_service() = ToProto(*view);
  return grpc::Status::OK;
}

grpc::Status CatalogService::InstallService(
    grpc::ServerContext*, const v1::InstallServiceRequest* request,
    v1::InstallServiceResponse* response) {
  return ToGrpcStatus(Install(*installer_, *request, response));
}

grpc::Status CatalogService::UpgradeService(
    grpc::ServerContext*, const v1::UpgradeServiceRequest* request,
    v1::UpgradeServiceResponse* response) {
  return ToGrpcStatus(Upgrade(*upgrader_, *request, response));
}

grpc::Status CatalogService::UninstallService(
    grpc::ServerContext*, const v1::UninstallServiceRequest* request,
    v1::UninstallServiceResponse* response) {
  return ToGrpcStatus(Uninstall(*uninstaller_, *request, response));
}

grpc::Status CatalogService::ListClusters(
    grpc::ServerContext*, const v1::ListClustersRequest* request,
    v1::ListClustersResponse* response) {
  return ToGrpcStatus(ListClustersOf(*clusters_, *request, response));
}

absl::StatusOr<std::unique_ptr<MessageStream<v1::StreamLogsResponse>>>
CatalogService::OpenLogs(const v1::StreamLogsRequest& request) const {
  LogQuery query;
  query.task = request.task();
  query.stream = request.stream();
  if (request.tail() < 0) {
    return absl::InvalidArgumentError("tail must not be negative");
  }
  if (request.tail() > 0) query.tail = request.tail();
  ORRERY_ASSIGN_OR_RETURN(
      std::unique_ptr<LogReader> reader,
      services_->ReadLogs(request.cluster(), request.service(), query));
  return std::make_unique<LogStream>(std::move(reader), request.follow());
}

grpc::ServerWriteReactor<v1::StreamLogsResponse>* CatalogService::StreamLogs(
    grpc::CallbackServerContext*, const v1::StreamLogsRequest* request) {
  return new StreamReactor<v1::StreamLogsResponse>(OpenLogs(*request));
}

}  // namespace orrery::catalog
