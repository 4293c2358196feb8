#include "catalog/store/catalog_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/store/uuid.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr absl::string_view kServices = "services/";
constexpr absl::string_view kOperations = "operations/";
constexpr absl::string_view kOwner = "catalog/owner";

std::string ServiceKey(absl::string_view cluster, absl::string_view name) {
  return absl::StrCat(kServices, cluster, "/", name);
}

std::string OperationKey(absl::string_view name) {
  return absl::StrCat(kOperations, name);
}

registry::StateWrite WriteOf(const Operation& operation) {
  return {OperationKey(operation.name), WriteOperation(operation),
          std::nullopt};
}

}  // namespace

absl::StatusOr<StoredService> CatalogStore::GetService(
    absl::string_view cluster, absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(const registry::StateEntry entry,
                          store_->Get(ServiceKey(cluster, name)));
  ORRERY_ASSIGN_OR_RETURN(ServiceRecord record, ReadServiceRecord(entry.value));
  return StoredService{std::move(record), entry.revision};
}

absl::Status CatalogStore::LoadServices() const {
  if (loaded_) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::vector<registry::StateEntry> entries,
                          store_->List(kServices));
  for (const registry::StateEntry& entry : entries) {
    Known& known = services_[entry.key];
    if (known.revision >= entry.revision) continue;
    ORRERY_ASSIGN_OR_RETURN(ServiceRecord record,
                            ReadServiceRecord(entry.value));
    known = {entry.revision,
             std::make_shared<const StoredService>(
                 StoredService{std::move(record), entry.revision})};
  }
  loaded_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredServicePtr>> CatalogStore::ListServices(
    absl::string_view cluster) const {
  const std::string prefix =
      cluster.empty() ? std::string(kServices) : ServiceKey(cluster, "");
  const MutexLock lock(&mutex_);
  ORRERY_RETURN_IF_ERROR(LoadServices());
  std::vector<StoredServicePtr> services;
  for (auto place = services_.lower_bound(prefix);
       place != services_.end() && absl::StartsWith(place->first, prefix);
       ++place) {
    if (place->second.service != nullptr) {
      services.push_back(place->second.service);
    }
  }
  return services;
}

absl::Status CatalogStore::Commit(std::vector<registry::StateWrite> writes,
                                  std::vector<ServiceChange> services) {
  for (const ServiceChange& change : services) {
    registry::StateWrite write{ServiceKey(change.cluster, change.name),
                               std::nullopt, change.expected_revision};
    if (change.record.has_value()) {
      write.value = WriteServiceRecord(*change.record);
    }
    writes.push_back(std::move(write));
  }
  uint64_t number = 0;
  {
    const MutexLock lock(&mutex_);
    number = next_commit_++;
    under_way_.insert(number);
  }
  const absl::StatusOr<int64_t> revision = store_->Commit(writes);
  const MutexLock lock(&mutex_);
  under_way_.erase(number);
  committed_.notify_all();
  for (ServiceChange& change : services) {
    if (!revision.ok()) break;
    Known& known = services_[ServiceKey(change.cluster, change.name)];
    if (known.revision >= *revision) continue;
    known = {*revision, nullptr};
    if (change.record.has_value()) {
      known.service = std::make_shared<const StoredService>(
          StoredService{*std::move(change.record), *revision});
    }
  }
  if (under_way_.empty()) {
    std::erase_if(services_, [](const auto& entry) {
      return entry.second.service == nullptr;
    });
  }
  return revision.status();
}

void CatalogStore::AwaitCommits() const {
  const MutexLock lock(&mutex_);
  const uint64_t end = next_commit_;
  while (!under_way_.empty() && *under_way_.begin() < end) {
    committed_.wait(mutex_);
  }
}

absl::StatusOr<std::vector<RunningService>> CatalogStore::ListRunning(
    absl::string_view cluster) const {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredServicePtr> stored,
                          ListServices(cluster));
  std::vector<RunningService> running;
  running.reserve(stored.size());
  for (const StoredServicePtr& service : stored) {
    running.push_back(service->record);
  }
  return running;
}

absl::StatusOr<Operation> CatalogStore::GetOperation(
    absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(const registry::StateEntry entry,
                          store_->Get(OperationKey(name)));
  return ReadOperation(entry.value);
}

absl::StatusOr<std::vector<Operation>> CatalogStore::ListOperations() const {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<registry::StateEntry> entries,
                          store_->List(kOperations));
  std::vector<Operation> operations;
  operations.reserve(entries.size());
  for (const registry::StateEntry& entry : entries) {
    ORRERY_ASSIGN_OR_RETURN(Operation operation, ReadOperation(entry.value));
    operations.push_back(std::move(operation));
  }
  std::sort(operations.begin(), operations.end(),
            [](const Operation& a, const Operation& b) {
              return a.create_time != b.create_time
                         ? a.create_time > b.create_time
                         : a.name < b.name;
            });
  return operations;
}

absl::Status CatalogStore::Put(const Operation& operation,
                               const ServiceRecord& service,
                               int64_t service_revision) {
  return Commit({WriteOf(operation)},
                {{service.cluster, service.name, service, service_revision}});
}

absl::Status CatalogStore::PutBegun(const std::vector<ServiceOperation>& begun,
                                    const std::vector<StoredService>& used) {
  std::vector<registry::StateWrite> writes;
  std::vector<ServiceChange> services;
  for (const StoredService& service : used) {
    services.push_back({service.record.cluster, service.record.name,
                        service.record, service.revision});
  }
  for (const ServiceOperation& one : begun) {
    writes.push_back(WriteOf(one.operation));
    services.push_back(
        {one.record.cluster, one.record.name, one.record, one.revision});
  }
  return Commit(std::move(writes), std::move(services));
}

absl::Status CatalogStore::PutAndRemoveService(const Operation& operation,
                                               int64_t service_revision) {
  return Commit({WriteOf(operation)}, {{operation.cluster, operation.service,
                                        std::nullopt, service_revision}});
}

absl::Status CatalogStore::PutOperation(const Operation& operation) {
  return store_->Commit({WriteOf(operation)}).status();
}

absl::Status CatalogStore::PruneOperations(size_t kept) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                          ListOperations());
  std::vector<registry::StateWrite> writes;
  for (size_t i = kept; i < operations.size(); ++i) {
    if (operations[i].running()) continue;
    writes.push_back(
        {OperationKey(operations[i].name), std::nullopt, std::nullopt});
  }
  if (writes.empty()) return absl::OkStatus();
  return store_->Commit(writes).status();
}

absl::StatusOr<std::string> CatalogStore::OwnerId() {
  absl::StatusOr<registry::StateEntry> entry = store_->Get(kOwner);
  if (entry.ok()) return entry->value;
  if (!absl::IsNotFound(entry.status())) return entry.status();
  std::string id = absl::StrReplaceAll(NewUuid(), {{"-", ""}});
  const absl::Status made =
      store_->Commit({{std::string(kOwner), id, 0}}).status();
  // Somebody else was faster.
  if (absl::IsAborted(made)) return OwnerId();
  ORRERY_RETURN_IF_ERROR(made);
  return id;
}

}  // namespace orrery::catalog
