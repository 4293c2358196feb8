// Operations that a person ends.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/operation/operation_runner.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

absl::Status EndedError(const Operation& operation) {
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "operation ", operation.name, " on service ", operation.service,
          " has ended already and cannot be aborted; see: orrery operation "
          "show ",
          operation.name)),
      "OPERATION_ENDED", {{"operation", operation.name}});
}

// Whether what the cluster was told last is the step, and not what the service
// was before.
bool IsToldTheStep(const Operation& upgrade) {
  return upgrade.submitted != upgrade.rolling_back;
}

std::string WhatIsLeft(const Operation& operation, const ServiceRecord& record,
                       const absl::StatusOr<AppStatus>& status) {
  const std::string& service = operation.service;
  if (!status.ok() && operation.kind != OperationKind::kUpgrade) {
    return absl::StrCat("nothing of ", service, " is left");
  }
  if (status.ok() && status->state == AppState::kRemoving) {
    return absl::StrCat("the cluster is taking ", service,
                        " away and cannot be called back; it stays in the "
                        "list until: orrery uninstall ",
                        service);
  }
  std::string left =
      status.ok()
          ? absl::StrCat(service, " stays as it is, ", record.package, " ",
                         record.version)
          : absl::StrCat(service, " stays in the list, and nothing of it runs");
  if (status.ok() && !status->waiting_for.empty()) {
    absl::StrAppend(&left, " (", absl::StrJoin(status->waiting_for, "; "), ")");
  }
  return absl::StrCat(left, "; take it away: orrery uninstall ", service);
}

}  // namespace

absl::StatusOr<Operation> OperationRunner::Abort(absl::string_view name) {
  const MutexLock moving(&moving_);
  ORRERY_ASSIGN_OR_RETURN(Operation operation, Get(name));
  if (!operation.running()) return EndedError(operation);
  const bool superseded = Superseded(&operation);
  if (!superseded) ORRERY_RETURN_IF_ERROR(EndAborted(&operation));
  if (!operation.running()) {
    const MutexLock lock(&mutex_);
    live_.erase(operation.name);
  }
  if (superseded) return EndedError(operation);
  return operation;
}

absl::Status OperationRunner::EndAborted(Operation* operation) {
  ORRERY_ASSIGN_OR_RETURN(Orchestrator* const cluster,
                          clusters_->Find(operation->cluster));
  ORRERY_ASSIGN_OR_RETURN(
      StoredService stored,
      store_->GetService(operation->cluster, operation->service));
  const absl::StatusOr<AppStatus> status = cluster->Observe(operation->service);
  const bool is_there = status.ok();
  if (!is_there && !absl::IsNotFound(status.status())) return status.status();

  ServiceRecord& record = stored.record;
  if (operation->kind == OperationKind::kUpgrade && IsToldTheStep(*operation)) {
    TakeStep(operation->plan.steps.front(), &record);
  }
  Operation ended = *operation;
  ended.state = OperationState::kFailed;
  ended.error =
      registry::WithReason(absl::CancelledError(absl::StrCat(
                               "aborted; ", WhatIsLeft(ended, record, status))),
                           "OPERATION_ABORTED");
  ended.waiting_for.clear();
  ended.end_time = now_();
  if (ended.kind != OperationKind::kUpgrade && !is_there) {
    ORRERY_RETURN_IF_ERROR(store_->PutAndRemoveService(ended, stored.revision));
  } else {
    record.operation.clear();
    ORRERY_RETURN_IF_ERROR(store_->Put(ended, record, stored.revision));
  }
  *operation = std::move(ended);
  return absl::OkStatus();
}

}  // namespace orrery::catalog
