#include "catalog/planning/planner.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/options_file.h"
#include "catalog/planning/plan_check.h"
#include "catalog/store/uuid.h"
#include "registry/status/error_details.h"
#include "registry/status/refusal_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

// Plans that are made for one start, when others are faster.
constexpr int kAttempts = 3;

absl::Status PlanChanged(absl::string_view message) {
  return registry::WithReason(absl::AbortedError(message), "PLAN_CHANGED");
}

OperationKind KindOf(PlanAction action) {
  switch (action) {
    case PlanAction::kApply:
      return OperationKind::kInstall;
    case PlanAction::kRemove:
      return OperationKind::kUninstall;
    case PlanAction::kUpdate:
      return OperationKind::kUpgrade;
  }
  return OperationKind::kInstall;
}

// The operation of a service, after those of `begun` that its step names, and
// after those by which what it uses comes up.
ServiceOperation Begin(const PlannedService& planned,
                       const std::vector<ServiceOperation>& begun,
                       const std::vector<StoredService>& used, absl::Time now) {
  const PlanStep& step = planned.step;
  ServiceOperation one;
  Operation& operation = one.operation;
  operation.name = NewUuid();
  operation.kind = KindOf(step.action);
  operation.cluster = step.cluster;
  operation.service = step.service;
  operation.create_time = now;
  operation.plan = MakePlan({step}, {});
  for (const ServiceOperation& other : begun) {
    if (std::find(step.after.begin(), step.after.end(), other.record.name) !=
        step.after.end()) {
      operation.after.push_back(other.operation.name);
    }
  }
  for (const StoredService& service : used) {
    if (service.record.operation.empty()) continue;
    const std::string node =
        NodeText(service.record.package, service.record.name);
    if (Uses(step.bindings, node)) {
      operation.after.push_back(service.record.operation);
    }
  }
  if (planned.running.has_value()) {
    // It stays what it is until the operation has succeeded.
    one.record = planned.running->record;
    one.revision = planned.running->revision;
  } else {
    one.record.create_time = now;
    TakeStep(step, &one.record);
  }
  one.record.operation = operation.name;
  return one;
}

}  // namespace

std::optional<Operation> StartedPlan::Of(absl::string_view service) const {
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [service](const Operation& operation) {
                                    return operation.service == service;
                                  });
  if (found == operations.end()) return std::nullopt;
  return *found;
}

Planner::Planner(CatalogStore* store, const Clusters* clusters,
                 OperationRunner* runner, PackageResolver* resolver,
                 std::function<registry::SnapshotPtr()> snapshot,
                 std::function<absl::Time()> now, const TrustGate* gate)
    : store_(store),
      clusters_(clusters),
      runner_(runner),
      resolver_(resolver),
      snapshot_(std::move(snapshot)),
      now_(std::move(now)),
      gate_(gate) {}

absl::Status Planner::CheckUsed(const ServiceRecord& record) const {
  if (record.operation.empty()) return absl::OkStatus();
  const absl::StatusOr<Operation> operation = runner_->Get(record.operation);
  // Who needs what comes up waits for it.
  const bool comes_up = operation.ok() &&
                        operation->kind == OperationKind::kInstall &&
                        !operation->rolling_back;
  return comes_up ? absl::OkStatus() : runner_->BusyError(record);
}

absl::Status Planner::ReadUsed(const Resolution& resolution,
                               PreparedPlan* prepared) const {
  // What a step changes is guarded by its own revision.
  std::set<std::string> known;
  for (const PlannedService& planned : prepared->services) {
    known.insert(NodeText(planned.step.package, planned.step.service));
  }
  for (const PlannedService& planned : prepared->services) {
    for (const ServiceBinding& binding : planned.step.bindings) {
      if (!known.insert(binding.provider).second) continue;
      const ResolvedNode* provider = resolution.Find(binding.provider);
      if (provider == nullptr) continue;
      absl::StatusOr<StoredService> stored =
          store_->GetService(resolution.cluster, provider->instance);
      if (absl::IsNotFound(stored.status())) {
        return PlanChanged(absl::StrCat("service '", provider->instance,
                                        "' went away meanwhile; plan again"));
      }
      ORRERY_RETURN_IF_ERROR(stored.status());
      ORRERY_RETURN_IF_ERROR(CheckUsed(stored->record));
      prepared->used.push_back(*std::move(stored));
    }
  }
  return absl::OkStatus();
}

// What a service that comes up is told later it cannot pass on before.
absl::Status Planner::CheckKnown(const PreparedPlan& prepared) const {
  for (const StoredService& service : prepared.used) {
    if (service.record.operation.empty()) continue;
    const absl::StatusOr<Operation> operation =
        runner_->Get(service.record.operation);
    if (!operation.ok()) continue;
    for (const PlanStep& step : operation->plan.steps) {
      for (const LateOption& late : step.late) {
        const bool is_passed_on = std::any_of(
            prepared.services.begin(), prepared.services.end(),
            [&late](const PlannedService& planned) {
              return absl::StrContains(planned.step.computed, late.placeholder);
            });
        if (is_passed_on) return runner_->BusyError(service.record);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Planner::PlanVerdict> Planner::CheckTrust(
    const ResolveQuery& query, const Resolution& resolution,
    const StepWishes& wishes, std::vector<PlannedService>& services) const {
  const bool runs_something = std::any_of(
      services.begin(), services.end(), [](const PlannedService& planned) {
        return planned.step.action != PlanAction::kRemove;
      });
  if (gate_ == nullptr || !runs_something) return PlanVerdict();
  const absl::StatusOr<std::shared_ptr<const TrustView>> trust = gate_->Open();
  ORRERY_RETURN_IF_ERROR(registry::TellRefusal(trust.status()));
  PlanCheck check(trust->get(), &query, &resolution, &wishes);
  ORRERY_RETURN_IF_ERROR(check.Check(services));
  return PlanVerdict{check.Evidence(), check.warnings()};
}

absl::StatusOr<PreparedPlan> Planner::Make(const ResolveQuery& query,
                                           const StepWishes& wishes) const {
  // The listing that is resolved with may be behind what the caller has read.
  store_->AwaitCommits();
  ORRERY_ASSIGN_OR_RETURN(QueryInputs inputs, resolver_->InputsOf(query));
  ORRERY_ASSIGN_OR_RETURN(const Resolution resolution,
                          resolver_->Resolve(query, inputs));
  ORRERY_RETURN_IF_ERROR(CheckSolved(resolution));
  PlanSteps steps(store_, clusters_, inputs.snapshot.get(), &resolution,
                  &wishes);
  PreparedPlan prepared;
  ORRERY_ASSIGN_OR_RETURN(prepared.services, steps.Make());
  ORRERY_ASSIGN_OR_RETURN(
      PlanVerdict verdict,
      CheckTrust(query, resolution, wishes, prepared.services));
  std::vector<PlanStep> plan_steps;
  for (const PlannedService& planned : prepared.services) {
    if (planned.running.has_value() &&
        !planned.running->record.operation.empty()) {
      return runner_->BusyError(planned.running->record);
    }
    plan_steps.push_back(planned.step);
  }
  ORRERY_RETURN_IF_ERROR(ReadUsed(resolution, &prepared));
  ORRERY_RETURN_IF_ERROR(CheckKnown(prepared));
  std::vector<std::string> warnings = steps.warnings();
  warnings.insert(warnings.end(), verdict.warnings.begin(),
                  verdict.warnings.end());
  prepared.plan = MakePlan(std::move(plan_steps), std::move(warnings));
  prepared.plan.evidence = std::move(verdict.evidence);
  prepared.plan.notes = steps.notes();
  prepared.plan.room = steps.room();
  prepared.plan.held = resolution.held;
  prepared.plan.catalog = resolution.catalog;
  prepared.plan.lock = LockOf(query, resolution);
  prepared.plan.basis = {std::move(inputs.facts), std::move(inputs.services),
                         LockNodes(resolution)};
  return prepared;
}

absl::StatusOr<StartedPlan> Planner::Start(
    const std::function<absl::StatusOr<PreparedPlan>()>& prepare,
    const std::string& plan_id) const {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, prepare());
    if (!plan_id.empty() && plan_id != prepared.plan.id) {
      return PlanChanged(
          "the plan is not what it was when it was shown; plan again");
    }
    absl::StatusOr<StartedPlan> started = StartOnce(std::move(prepared));
    const bool is_overtaken =
        absl::IsAborted(started.status()) &&
        registry::ReasonOf(started.status()).reason.empty();
    if (!is_overtaken) return started;
  }
  return PlanChanged("the services change all the time; plan again");
}

absl::StatusOr<StartedPlan> Planner::StartOnce(PreparedPlan prepared) const {
  std::vector<ServiceOperation> begun;
  for (const PlannedService& planned : prepared.services) {
    begun.push_back(Begin(planned, begun, prepared.used, now_()));
    begun.back().operation.plan.evidence = prepared.plan.evidence;
  }
  if (!begun.empty()) {
    ORRERY_RETURN_IF_ERROR(store_->PutBegun(begun, prepared.used));
  }
  StartedPlan started{std::move(prepared.plan), {}};
  for (ServiceOperation& one : begun) {
    runner_->Accept(one.operation);
    started.operations.push_back(std::move(one.operation));
  }
  return started;
}

absl::StatusOr<registry::JsonValue> ParseUserOptions(const std::string& text) {
  if (text.empty()) return registry::JsonValue::Object();
  absl::StatusOr<registry::JsonValue> options = ParseOptionsFile(text);
  if (options.ok()) return options;
  return registry::WithReason(absl::InvalidArgumentError(absl::StrCat(
                                  "options: ", options.status().message())),
                              "OPTIONS_MALFORMED");
}

}  // namespace orrery::catalog
