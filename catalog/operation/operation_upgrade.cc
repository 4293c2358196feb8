// Upgrades: an app becomes another, or what it was.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/operation/operation_runner.h"
#include "registry/status/error_details.h"

namespace orrery::catalog {
namespace {

AppRequest RequestOf(const ServiceRecord& record) {
  return {record.name, record.manifest, record.artifacts};
}

}  // namespace

bool OperationRunner::Submit(Orchestrator& cluster, const AppRequest& request,
                             Operation* operation) {
  if (operation->submitted) return true;
  absl::Status done = cluster.Update(request);
  // Its app is gone, and so there is nothing to be kept.
  if (absl::IsNotFound(done)) done = cluster.Create(request);
  // On the way back there is nothing else to fall back to.
  const bool waits = absl::IsUnavailable(done) ||
                     absl::IsResourceExhausted(done) ||
                     (!done.ok() && operation->rolling_back);
  if (waits) {
    operation->waiting_for = {std::string(done.message())};
    return false;
  }
  if (!done.ok()) {
    operation->error = done;
    End(OperationState::kFailed, operation);
    return false;
  }
  Operation submitted = *operation;
  submitted.submitted = true;
  const absl::Status put = store_->PutOperation(submitted);
  if (!put.ok()) {
    operation->waiting_for = {std::string(put.message())};
    return false;
  }
  *operation = std::move(submitted);
  return true;
}

void OperationRunner::AdvanceUpgrade(Orchestrator& cluster,
                                     Operation* operation) {
  if (operation->rolling_back) return AdvanceReturn(cluster, operation);
  if (!operation->submitted && (!IsDue(operation) || !IsAdmitted(operation) ||
                                !FillManifest(cluster, operation))) {
    return;
  }
  const PlanStep& step = operation->plan.steps.front();
  if (!Submit(cluster, {step.service, step.manifest, step.artifacts},
              operation)) {
    return;
  }
  const absl::StatusOr<AppStatus> status = cluster.Observe(operation->service);
  if (!status.ok()) {
    operation->waiting_for = {std::string(status.status().message())};
    return;
  }
  operation->waiting_for = status->waiting_for;
  if (status->state == AppState::kRunning) Establish(operation);
  if (status->state == AppState::kFailed) {
    RollBack(cluster, absl::FailedPreconditionError(status->failure),
             operation);
  }
}

void OperationRunner::AdvanceReturn(Orchestrator& cluster,
                                    Operation* operation) {
  const absl::StatusOr<StoredService> stored =
      store_->GetService(operation->cluster, operation->service);
  if (!stored.ok()) {
    operation->waiting_for = {std::string(stored.status().message())};
    return;
  }
  const ServiceRecord& record = stored->record;
  if (!Submit(cluster, RequestOf(record), operation)) return;
  const absl::StatusOr<AppStatus> status = cluster.Observe(operation->service);
  if (!status.ok()) {
    operation->waiting_for = {std::string(status.status().message())};
    return;
  }
  const bool runs = status->state == AppState::kRunning;
  if (!runs && status->state != AppState::kFailed) {
    operation->waiting_for = {
        absl::StrCat(record.package, " ", record.version, " to run again")};
    return;
  }
  operation->error = registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          operation->error.message(), "; ", record.package, " ", record.version,
          runs ? " runs again"
               : absl::StrCat(", which ran before, does not come "
                              "up either: ",
                              status->failure))),
      "APP_FAILED");
  End(OperationState::kFailed, operation);
}

}  // namespace orrery::catalog
