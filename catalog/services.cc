#include "catalog/services.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/moved_port.h"
#include "catalog/resolution/not_admitted.h"
#include "catalog/store/unused_services.h"
#include "registry/status/error_details.h"
#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr size_t kSuggestions = 3;

}  // namespace

Services::Services(const CatalogStore* store, const Clusters* clusters,
                   const OperationRunner* runner,
                   std::function<ReleaseAdmissionPtr()> admission,
                   std::function<registry::SnapshotPtr()> snapshot)
    : store_(store),
      clusters_(clusters),
      runner_(runner),
      admission_(std::move(admission)),
      snapshot_(std::move(snapshot)) {}

ReleaseAdmissionPtr Services::Admission() const {
  return admission_ == nullptr ? nullptr : admission_();
}

absl::StatusOr<StoredService> Services::Find(absl::string_view cluster,
                                             absl::string_view name) const {
  ORRERY_RETURN_IF_ERROR(clusters_->Find(cluster).status());
  absl::StatusOr<StoredService> stored = store_->GetService(cluster, name);
  if (!absl::IsNotFound(stored.status())) return stored;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredServicePtr> services,
                          store_->ListServices(cluster));
  std::vector<std::string> names;
  std::vector<std::string> nearest;
  for (const StoredServicePtr& service : services) {
    const ServiceRecord& record = service->record;
    names.push_back(record.name);
    // As the resolver names it.
    if (name == absl::StrCat(record.package, "@", record.name)) {
      nearest.push_back(record.name);
    }
  }
  if (nearest.empty()) nearest = resolver::NearestWords(name, names);
  // Too short to be a typing error, and yet the beginning of one.
  if (nearest.empty() && !name.empty()) {
    std::copy_if(names.begin(), names.end(), std::back_inserter(nearest),
                 [name](const std::string& known) {
                   return absl::StartsWith(known, name);
                 });
    nearest.resize(std::min(nearest.size(), kSuggestions));
  }
  const std::string near = absl::StrJoin(nearest, ", ");
  return registry::WithReason(
      absl::NotFoundError(absl::StrCat(
          "no service '", name, "' on ", cluster,
          near.empty() ? "" : absl::StrCat("; did you mean ", near, "?"))),
      "SERVICE_NOT_FOUND", {{registry::kDidYouMean, near}});
}

// Which services use ports that this one had to give up.
void Services::AddMovedPorts(const ServiceRecord& record,
                             AppStatus* status) const {
  const bool moved =
      std::any_of(status->endpoints.begin(), status->endpoints.end(),
                  [](const AppEndpoint& endpoint) {
                    return !endpoint.former_ports.empty();
                  });
  if (!moved) return;
  const auto services = store_->ListServices(record.cluster);
  if (!services.ok()) return;
  for (std::string& text :
       MovedPortTexts(record, status->endpoints, *services)) {
    status->waiting_for.push_back(std::move(text));
  }
}

void Services::AddOutputs(ServiceView* view) const {
  const absl::StatusOr<Orchestrator*> cluster =
      clusters_->Find(view->record.cluster);
  const registry::SnapshotPtr snapshot =
      snapshot_ == nullptr ? nullptr : snapshot_();
  view->outputs = ServiceOutputs(
      view->record, cluster.ok() ? (*cluster)->kind() : absl::string_view(),
      view->status.endpoints, snapshot.get());
}

ServiceView Services::View(ServiceRecord record,
                           const std::set<std::string>& unused,
                           const ReleaseAdmission* admission) const {
  ServiceView view;
  if (admission != nullptr) {
    view.notes = NotesOnRunning(*admission, record);
  }
  if (unused.contains(NodeOf(record))) {
    view.notes.push_back(OrphanNote(record.name, record.added_for));
  }
  view.status.instances = record.instances;
  const absl::StatusOr<Orchestrator*> cluster = clusters_->Find(record.cluster);
  absl::StatusOr<AppStatus> status =
      cluster.ok() ? (*cluster)->Observe(record.name)
                   : absl::StatusOr<AppStatus>(cluster.status());
  if (status.ok()) {
    view.status = *std::move(status);
    view.status.instances = record.instances;
  } else if (record.operation.empty()) {
    view.status.state = AppState::kFailed;
    view.status.failure = std::string(status.status().message());
  }
  if (!record.operation.empty()) {
    const absl::StatusOr<Operation> operation = runner_->Get(record.operation);
    if (operation.ok()) {
      const bool removing = operation->kind == OperationKind::kUninstall ||
                            (operation->kind == OperationKind::kInstall &&
                             operation->rolling_back);
      view.status.state = removing ? AppState::kRemoving : AppState::kDeploying;
      view.status.waiting_for = operation->waiting_for;
    }
  }
  AddMovedPorts(record, &view.status);
  view.record = std::move(record);
  AddOutputs(&view);
  return view;
}

absl::StatusOr<ServiceView> Services::Get(absl::string_view cluster,
                                          absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(StoredService stored, Find(cluster, name));
  std::set<std::string> unused;
  if (!stored.record.added_for.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredServicePtr> services,
                            store_->ListServices(cluster));
    unused = UnusedNodes(services);
  }
  return View(std::move(stored.record), unused, Admission().get());
}

absl::StatusOr<std::vector<ServiceView>> Services::List(
    absl::string_view cluster) const {
  if (cluster != "-") {
    ORRERY_RETURN_IF_ERROR(clusters_->Find(cluster).status());
  }
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<StoredServicePtr> services,
      store_->ListServices(cluster == "-" ? absl::string_view() : cluster));
  std::vector<ServiceView> views;
  views.reserve(services.size());
  std::map<std::string, std::vector<StoredServicePtr>> by_cluster;
  for (const StoredServicePtr& service : services) {
    by_cluster[service->record.cluster].push_back(service);
  }
  const ReleaseAdmissionPtr admission = Admission();
  for (const auto& [name, its] : by_cluster) {
    const std::set<std::string> unused = UnusedNodes(its);
    for (const StoredServicePtr& service : its) {
      views.push_back(View(service->record, unused, admission.get()));
    }
  }
  return views;
}

absl::StatusOr<std::unique_ptr<LogReader>> Services::ReadLogs(
    absl::string_view cluster, absl::string_view name,
    const LogQuery& query) const {
  ORRERY_RETURN_IF_ERROR(Find(cluster, name).status());
  ORRERY_ASSIGN_OR_RETURN(Orchestrator * orchestrator,
                          clusters_->Find(cluster));
  return orchestrator->ReadLogs(name, query);
}

}  // namespace orrery::catalog
