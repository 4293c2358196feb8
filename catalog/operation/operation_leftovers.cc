// What an installation that failed leaves of others.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/operation/operation_runner.h"
#include "catalog/store/removal_step.h"
#include "catalog/store/unused_services.h"
#include "catalog/store/uuid.h"

namespace orrery::catalog {

std::set<std::string> OperationRunner::InstalledBefore(
    const Operation& operation) const {
  std::set<std::string> services;
  std::set<std::string> seen;
  std::vector<std::string> next = operation.after;
  while (!next.empty()) {
    const std::string name = std::move(next.back());
    next.pop_back();
    if (!seen.insert(name).second) continue;
    const absl::StatusOr<Operation> before = Get(name);
    if (!before.ok()) continue;
    if (before->kind == OperationKind::kInstall) {
      services.insert(before->service);
    }
    next.insert(next.end(), before->after.begin(), before->after.end());
  }
  return services;
}

std::vector<StoredServicePtr> OperationRunner::CameAlong(
    const Operation& failed) const {
  if (failed.kind != OperationKind::kInstall) return {};
  store_->AwaitCommits();
  const auto services = store_->ListServices(failed.cluster);
  const auto record = store_->GetService(failed.cluster, failed.service);
  if (!services.ok() || !record.ok()) return {};
  const std::set<std::string> before = InstalledBefore(failed);
  std::vector<StoredServicePtr> along = OnlyUsedBy(record->record, *services);
  std::erase_if(along, [&before](const StoredServicePtr& service) {
    return !before.contains(service->record.name) ||
           !service->record.operation.empty();
  });
  return along;
}

void OperationRunner::RemoveAll(const std::vector<StoredServicePtr>& going) {
  std::vector<ServiceOperation> begun;
  for (const StoredServicePtr& service : going) {
    ServiceOperation one{{}, service->record, service->revision};
    one.operation.name = NewUuid();
    one.operation.kind = OperationKind::kUninstall;
    one.operation.cluster = service->record.cluster;
    one.operation.service = service->record.name;
    one.operation.create_time = now_();
    one.operation.plan = MakePlan({RemovalStep(service->record)}, {});
    for (const ServiceOperation& other : begun) {
      if (Uses(other.record.bindings, NodeOf(service->record))) {
        one.operation.after.push_back(other.operation.name);
      }
    }
    one.record.operation = one.operation.name;
    begun.push_back(std::move(one));
  }
  // Somebody who uses one of them meanwhile is welcome to it.
  if (begun.empty() || !store_->PutBegun(begun, {}).ok()) return;
  for (ServiceOperation& one : begun) Accept(std::move(one.operation));
}

}  // namespace orrery::catalog
