#include "catalog/uninstall.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/service_step.h"
#include "catalog/unused_services.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

std::string NeededBy(const ServiceRecord& record) {
  return absl::StrCat("was added for ", absl::StrJoin(record.added_for, ", "));
}

// It waits for the removal of those before it that use it.
PlannedService Removal(const StoredService& service,
                       const std::vector<PlannedService>& before) {
  PlannedService planned;
  planned.step = RemovalStep(service.record);
  planned.running = service;
  for (const PlannedService& other : before) {
    if (Uses(other.running->record.bindings, NodeOf(service.record))) {
      planned.step.after.push_back(other.step.service);
    }
  }
  std::sort(planned.step.after.begin(), planned.step.after.end());
  return planned;
}

// Nobody may lose what its options point to.
absl::Status CheckUnused(const ServiceRecord& record,
                         std::span<const StoredServicePtr> services) {
  std::vector<std::string> users;
  for (const StoredServicePtr& other : services) {
    if (other->record.name == record.name) continue;
    if (Uses(other->record.bindings, NodeOf(record))) {
      users.push_back(other->record.name);
    }
  }
  if (users.empty()) return absl::OkStatus();
  return registry::WithReason(
      absl::FailedPreconditionError(
          absl::StrCat(record.name, " is used by ", absl::StrJoin(users, ", "),
                       "; uninstall first: orrery uninstall ", users.front())),
      "SERVICE_IN_USE", {{"service", record.name}});
}

}  // namespace

// The record of an upgrade says what was there before.
absl::StatusOr<std::vector<StoredServicePtr>> Uninstaller::ReadServices(
    const std::string& cluster) const {
  // Whoever was bound to something that was read has to be seen.
  planner_.store().AwaitCommits();
  ORRERY_ASSIGN_OR_RETURN(std::vector<StoredServicePtr> services,
                          planner_.store().ListServices(cluster));
  for (StoredServicePtr& service : services) {
    if (service->record.operation.empty()) continue;
    const absl::StatusOr<Operation> operation =
        planner_.runner().Get(service->record.operation);
    if (!operation.ok() || !operation->running()) continue;
    StoredService coming = *service;
    for (const PlanStep& step : operation->plan.steps) {
      coming.record.bindings.insert(coming.record.bindings.end(),
                                    step.bindings.begin(), step.bindings.end());
    }
    service = std::make_shared<const StoredService>(std::move(coming));
  }
  return services;
}

absl::Status Uninstaller::CheckFree(const ServiceRecord& record) const {
  if (record.operation.empty()) return absl::OkStatus();
  const absl::StatusOr<Operation> current =
      planner_.runner().Get(record.operation);
  if (!current.ok() || current->kind == OperationKind::kUninstall) {
    return planner_.runner().BusyError(record);
  }
  return absl::OkStatus();
}

absl::StatusOr<PreparedPlan> Uninstaller::Prepare(
    const UninstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(const StoredService asked,
                          services_.Find(request.cluster, request.service));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredServicePtr> services,
                          ReadServices(request.cluster));
  ORRERY_RETURN_IF_ERROR(CheckFree(asked.record));
  ORRERY_RETURN_IF_ERROR(CheckUnused(asked.record, services));
  PreparedPlan prepared;
  prepared.services.push_back(Removal(asked, {}));
  std::vector<std::string> warnings;
  for (const StoredServicePtr& unused : OnlyUsedBy(asked.record, services)) {
    const ServiceRecord& record = unused->record;
    if (!request.with_unused) {
      warnings.push_back(absl::StrCat(record.name, " ", NeededBy(record),
                                      ", and nothing will need it then; "
                                      "--with-unused takes it along"));
      continue;
    }
    if (!record.operation.empty()) return planner_.runner().BusyError(record);
    PlannedService planned = Removal(*unused, prepared.services);
    planned.step.reason =
        absl::StrCat("it ", NeededBy(record), ", and nothing else needs it");
    prepared.services.push_back(std::move(planned));
  }
  std::vector<PlanStep> steps;
  for (const PlannedService& planned : prepared.services) {
    steps.push_back(planned.step);
  }
  prepared.plan = MakePlan(std::move(steps), std::move(warnings));
  return prepared;
}

absl::StatusOr<Plan> Uninstaller::MakeUninstallPlan(
    const UninstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, Prepare(request));
  return std::move(prepared.plan);
}

absl::StatusOr<StartedPlan> Uninstaller::Uninstall(
    const UninstallRequest& request, const std::string& plan_id) const {
  return planner_.Start([&] { return Prepare(request); }, plan_id);
}

}  // namespace orrery::catalog
