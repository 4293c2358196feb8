#include "catalog/catalog_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/uuid.h"
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

absl::StatusOr<std::vector<StoredService>> CatalogStore::ListServices(
    absl::string_view cluster) const {
  const std::string prefix =
      cluster.empty() ? std::string(kServices) : ServiceKey(cluster, "");
  ORRERY_ASSIGN_OR_RETURN(const std::vector<registry::StateEntry> entries,
                          store_->List(prefix));
  std::vector<StoredService> services;
  services.reserve(entries.size());
  for (const registry::StateEntry& entry : entries) {
    ORRERY_ASSIGN_OR_RETURN(ServiceRecord record,
                            ReadServiceRecord(entry.value));
    services.push_back({std::move(record), entry.revision});
  }
  return services;
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
  return store_
      ->Commit({WriteOf(operation),
                {ServiceKey(service.cluster, service.name),
                 WriteServiceRecord(service), service_revision}})
      .status();
}

absl::Status CatalogStore::PutNew(const std::vector<ServiceOperation>& begun) {
  std::vector<registry::StateWrite> writes;
  for (const ServiceOperation& one : begun) {
    writes.push_back(WriteOf(one.operation));
    writes.push_back({ServiceKey(one.record.cluster, one.record.name),
                      WriteServiceRecord(one.record), 0});
  }
  return store_->Commit(writes).status();
}

absl::Status CatalogStore::PutAndRemoveService(const Operation& operation) {
  return store_
      ->Commit({WriteOf(operation),
                {ServiceKey(operation.cluster, operation.service), std::nullopt,
                 std::nullopt}})
      .status();
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
