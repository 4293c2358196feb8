#include "catalog/uninstall.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/planning/service_step.h"
#include "catalog/resolution/change_order.h"
#include "catalog/store/removal_step.h"
#include "catalog/store/unused_services.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

std::string NeededBy(const ServiceRecord& record) {
  return absl::StrCat("was added for ", absl::StrJoin(record.added_for, ", "));
}

std::string WhyAlong(const ServiceRecord& record, const ServiceRecord& asked) {
  if (record.added_for.empty()) {
    return absl::StrCat("it and ", asked.name, " need each other");
  }
  return absl::StrCat("it ", NeededBy(record), ", and nothing else needs it");
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

// Two that use each other, as a master and its worker, can only go together.
bool UseEachOther(const ServiceRecord& one, const ServiceRecord& other) {
  return Uses(one.bindings, NodeOf(other)) && Uses(other.bindings, NodeOf(one));
}

// Those that go along with `asked`, itself among them, each before what it
// uses.
std::vector<StoredServicePtr> GoingAlong(
    const StoredService& asked, std::span<const StoredServicePtr> services) {
  std::map<std::string, StoredServicePtr> going;
  going[asked.record.name] = std::make_shared<const StoredService>(asked);
  for (const StoredServicePtr& unused : OnlyUsedBy(asked.record, services)) {
    going[unused->record.name] = unused;
  }
  for (const StoredServicePtr& other : services) {
    if (UseEachOther(asked.record, other->record)) {
      going[other->record.name] = other;
    }
  }
  std::vector<RunningService> records;
  for (const auto& [name, service] : going) records.push_back(service->record);
  std::vector<StoredServicePtr> ordered;
  for (const RunningService& record : RemovalOrder(std::move(records))) {
    ordered.push_back(going.at(record.name));
  }
  return ordered;
}

// Nobody that stays may lose what its options point to.
absl::Status CheckUnused(const ServiceRecord& record,
                         std::span<const StoredServicePtr> services,
                         std::span<const StoredServicePtr> going) {
  std::vector<std::string> users;
  bool go_together = true;
  for (const StoredServicePtr& other : services) {
    const bool stays = std::none_of(
        going.begin(), going.end(), [&other](const StoredServicePtr& one) {
          return one->record.name == other->record.name;
        });
    if (!stays || !Uses(other->record.bindings, NodeOf(record))) continue;
    users.push_back(other->record.name);
    go_together = go_together && UseEachOther(record, other->record);
  }
  if (users.empty()) return absl::OkStatus();
  const std::string way_out =
      go_together
          ? absl::StrCat(
                "they need each other, and go together: "
                "orrery uninstall ",
                record.name, " --with-unused")
          : absl::StrCat("uninstall first: orrery uninstall ", users.front());
  return registry::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                  record.name, " is used by ",
                                  absl::StrJoin(users, ", "), "; ", way_out)),
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
  std::vector<StoredServicePtr> going = {
      std::make_shared<const StoredService>(asked)};
  if (request.with_unused) going = GoingAlong(asked, services);
  ORRERY_RETURN_IF_ERROR(CheckUnused(asked.record, services, going));
  PreparedPlan prepared;
  for (const StoredServicePtr& service : going) {
    const ServiceRecord& record = service->record;
    PlannedService planned = Removal(*service, prepared.services);
    if (record.name != asked.record.name) {
      ORRERY_RETURN_IF_ERROR(CheckFree(record));
      planned.step.reason = WhyAlong(record, asked.record);
    }
    prepared.services.push_back(std::move(planned));
  }
  std::vector<std::string> warnings;
  if (!request.with_unused) {
    for (const StoredServicePtr& unused : OnlyUsedBy(asked.record, services)) {
      warnings.push_back(absl::StrCat(
          unused->record.name, " ", NeededBy(unused->record),
          ", and nothing will need it then; --with-unused takes it along"));
    }
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
