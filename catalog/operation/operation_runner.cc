#include "catalog/operation/operation_runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/operation/late_value.h"
#include "catalog/resolution/not_admitted.h"
#include "catalog/resolution/output_value.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/status/error_details.h"
#include "registry/status/refusal_details.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr auto kTickInterval = std::chrono::milliseconds(50);
constexpr auto kLongestInterval = std::chrono::milliseconds(500);
constexpr size_t kKeptOperations = 1000;
// Operations that move at a time: each waits for disks, and they have nothing
// in common.
constexpr size_t kWorkers = 16;

AppRequest RequestOf(const Operation& operation) {
  if (operation.plan.steps.empty()) return {operation.service, "", {}};
  const PlanStep& step = operation.plan.steps.front();
  return {operation.service, step.manifest, step.artifacts};
}

// Puts values, parallel to the late options of the step, into what will run.
// kFailedPrecondition when an option cannot have its.
absl::Status FillLate(const std::vector<std::vector<std::string>>& values,
                      PlanStep* step) {
  for (std::string* text : {&step->computed, &step->manifest}) {
    ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument json,
                            registry::ParseJson(*text));
    for (size_t i = 0; i < values.size(); ++i) {
      FillPlaceholder(step->late[i], values[i], &json.root);
    }
    *text = registry::WriteJson(json.root);
    if (text != &step->computed) continue;
    for (const LateOption& late : step->late) {
      ORRERY_RETURN_IF_ERROR(CheckLateValue(late, json.root));
    }
  }
  step->late.clear();
  return absl::OkStatus();
}

// Whether a refusal is about the release and for good; what is wrong with the
// log, its age or the files of the policy may be mended.
bool IsOfTheRelease(const absl::Status& status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  if (!refusal.has_value()) return false;
  const absl::string_view name = signing::RefusalName(refusal->code);
  return absl::StartsWith(name, "name.") ||
         absl::StartsWith(name, "version.") ||
         absl::StartsWith(name, "record.") ||
         absl::StartsWith(name, "content.");
}

}  // namespace

OperationRunner::OperationRunner(CatalogStore* store, const Clusters* clusters,
                                 std::function<absl::Time()> now,
                                 std::function<ReleaseAdmissionPtr()> admission)
    : store_(store),
      clusters_(clusters),
      now_(std::move(now)),
      admission_(std::move(admission)) {}

OperationRunner::~OperationRunner() { Stop(); }

absl::Status OperationRunner::Recover() {
  ORRERY_ASSIGN_OR_RETURN(std::vector<Operation> operations,
                          store_->ListOperations());
  for (Operation& operation : operations) {
    if (operation.running()) Accept(std::move(operation));
  }
  return absl::OkStatus();
}

void OperationRunner::Start() {
  thread_ = std::jthread([this] {
    while (true) {
      const auto begin = std::chrono::steady_clock::now();
      Tick();
      const auto end = std::chrono::steady_clock::now();
      // Many operations under way must not take all the time there is, nor
      // should each new one make all the others be looked at.
      const auto next = end + std::clamp<std::chrono::steady_clock::duration>(
                                  end - begin, kTickInterval, kLongestInterval);
      MutexLock lock(&mutex_);
      while (!stopping_ && !live_.empty() &&
             wake_.wait_until(mutex_, next) == std::cv_status::no_timeout) {
      }
      while (!stopping_ && live_.empty()) wake_.wait(mutex_);
      if (stopping_) return;
    }
  });
}

void OperationRunner::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void OperationRunner::Accept(Operation operation) {
  {
    MutexLock lock(&mutex_);
    live_[operation.name] = std::move(operation);
  }
  wake_.notify_all();
}

absl::StatusOr<Operation> OperationRunner::Get(absl::string_view name) const {
  {
    MutexLock lock(&mutex_);
    const auto found = live_.find(name);
    if (found != live_.end()) return found->second;
  }
  absl::StatusOr<Operation> stored = store_->GetOperation(name);
  if (absl::IsNotFound(stored.status())) {
    return registry::WithReason(
        absl::NotFoundError(absl::StrCat("no operation '", name, "'")),
        "OPERATION_NOT_FOUND");
  }
  return stored;
}

int OperationRunner::running() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(live_.size());
}

absl::Status OperationRunner::BusyError(const ServiceRecord& record) const {
  std::string what = absl::StrCat("operation ", record.operation,
                                  " is under way on service ", record.name);
  const absl::StatusOr<Operation> operation = Get(record.operation);
  if (operation.ok()) {
    absl::StrAppend(
        &what, " since ",
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", operation->create_time,
                         absl::UTCTimeZone()));
    if (!operation->waiting_for.empty()) {
      absl::StrAppend(&what, ", waiting for: ",
                      absl::StrJoin(operation->waiting_for, "; "));
    }
  }
  return registry::WithReason(
      absl::AbortedError(absl::StrCat(
          what, "; see: orrery status ", record.name,
          ", wait for its end: orrery operation watch ", record.operation,
          ", or end it: orrery operation abort ", record.operation)),
      "OPERATION_RUNNING", {{"operation", record.operation}});
}

void OperationRunner::Tick() {
  const MutexLock moving(&moving_);
  // Those of one service stay in order: an installation must not create what
  // the removal that follows it has just seen gone.
  std::map<std::pair<std::string, std::string>, std::vector<Operation>>
      by_service;
  {
    MutexLock lock(&mutex_);
    for (const auto& [name, operation] : live_) {
      by_service[{operation.cluster, operation.service}].push_back(operation);
    }
  }
  std::vector<std::vector<Operation>> groups;
  for (auto& [service, operations] : by_service) {
    groups.push_back(std::move(operations));
  }
  std::atomic<size_t> next = 0;
  std::atomic<bool> ended = false;
  const auto work = [this, &groups, &next, &ended] {
    for (size_t i = next++; i < groups.size(); i = next++) {
      if (AdvanceInOrder(std::move(groups[i]))) ended = true;
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < std::min(kWorkers, groups.size()); ++i) {
      others.emplace_back(work);
    }
    work();
  }
  // Old ones that stay for once are no harm.
  if (ended) store_->PruneOperations(kKeptOperations).IgnoreError();
}

bool OperationRunner::AdvanceInOrder(std::vector<Operation> operations) {
  bool ended = false;
  // The work is done on copies: a cluster that is slow holds no reader.
  for (Operation& operation : operations) {
    Advance(&operation);
    MutexLock lock(&mutex_);
    if (operation.running()) {
      live_[operation.name] = std::move(operation);
    } else {
      live_.erase(operation.name);
      ended = true;
    }
  }
  return ended;
}

bool OperationRunner::Superseded(Operation* operation) {
  const absl::StatusOr<StoredService> stored =
      store_->GetService(operation->cluster, operation->service);
  const bool removed = absl::IsNotFound(stored.status());
  if (!stored.ok() && !removed) return false;
  if (!removed && stored->record.operation == operation->name) return false;
  Operation ended = *operation;
  ended.state = OperationState::kFailed;
  ended.error = registry::WithReason(
      absl::CancelledError(
          removed
              ? absl::StrCat(operation->service, " was uninstalled")
              : absl::StrCat("ended by operation ", stored->record.operation)),
      "SUPERSEDED");
  ended.waiting_for.clear();
  ended.end_time = now_();
  if (store_->PutOperation(ended).ok()) *operation = std::move(ended);
  return true;
}

void OperationRunner::Advance(Operation* operation) {
  if (Superseded(operation)) return;
  const absl::StatusOr<Orchestrator*> cluster =
      clusters_->Find(operation->cluster);
  if (!cluster.ok()) {
    operation->waiting_for = {std::string(cluster.status().message())};
    return;
  }
  if (operation->kind == OperationKind::kUninstall) {
    AdvanceUninstall(**cluster, operation);
  } else if (operation->kind == OperationKind::kUpgrade) {
    AdvanceUpgrade(**cluster, operation);
  } else if (operation->rolling_back) {
    AdvanceRollback(**cluster, operation);
  } else {
    AdvanceInstall(**cluster, operation);
  }
}

bool OperationRunner::IsDue(Operation* operation) {
  const absl::string_view relation = operation->kind == OperationKind::kInstall
                                         ? ", which it needs"
                                         : ", which comes before it";
  for (const std::string& name : operation->after) {
    const absl::StatusOr<Operation> before = Get(name);
    // One that nobody remembers has succeeded long ago.
    if (absl::IsNotFound(before.status())) continue;
    if (!before.ok() || before->running()) {
      operation->waiting_for = {before.ok()
                                    ? absl::StrCat(before->service, relation)
                                    : std::string(before.status().message())};
      if (before.ok()) {
        for (const std::string& what : before->waiting_for) {
          operation->waiting_for.push_back(
              absl::StrCat(before->service, ": ", what));
        }
      }
      return false;
    }
    if (before->state == OperationState::kSucceeded) continue;
    operation->error = registry::WithReason(
        absl::FailedPreconditionError(
            absl::StrCat(before->service, relation,
                         ", did not come up: ", before->error.message())),
        "DEPENDENCY_FAILED");
    End(OperationState::kFailed, operation);
    return false;
  }
  return true;
}

bool OperationRunner::IsAdmitted(Operation* operation) {
  const ReleaseAdmissionPtr admission =
      admission_ == nullptr ? nullptr : admission_();
  if (admission == nullptr || operation->plan.steps.empty()) return true;
  const PlanStep& step = operation->plan.steps.front();
  // What runs stays, whatever else it is told.
  if (step.action == PlanAction::kUpdate) {
    const absl::StatusOr<StoredService> running =
        store_->GetService(operation->cluster, operation->service);
    if (running.ok() && HasSameContent(step, running->record)) return true;
  }
  ServiceRecord planned;
  TakeStep(step, &planned);
  const absl::Status admitted = admission->AdmitRunning(planned);
  if (admitted.ok()) return true;
  if (!IsOfTheRelease(admitted)) {
    operation->waiting_for = {NotAdmittedText(admitted)};
    return false;
  }
  // What is stored of an error is its reason and its text.
  operation->error = registry::WithReason(
      absl::FailedPreconditionError(NotAdmittedText(admitted)),
      registry::kNotTrusted);
  End(OperationState::kFailed, operation);
  return false;
}

bool OperationRunner::FillManifest(Orchestrator& cluster,
                                   Operation* operation) {
  Operation filled = *operation;
  if (filled.plan.steps.empty()) return true;
  PlanStep& step = filled.plan.steps.front();
  if (step.late.empty()) return true;
  const EndpointsOf endpoints = [&cluster](const std::string& service) {
    const absl::StatusOr<AppStatus> status = cluster.Observe(service);
    return status.ok() ? status->endpoints : std::vector<AppEndpoint>();
  };
  std::vector<std::vector<std::string>> values;
  for (const LateOption& late : step.late) {
    auto texts = LateTexts(late.pieces, late.is_list, endpoints);
    if (!texts.has_value()) {
      operation->waiting_for = {
          absl::StrCat("output ", late.output, " of ", late.provider)};
      return false;
    }
    values.push_back(*std::move(texts));
  }
  const absl::Status fits = FillLate(values, &step);
  if (!fits.ok()) {
    operation->error = fits;
    End(OperationState::kFailed, operation);
    return false;
  }
  absl::StatusOr<StoredService> stored =
      store_->GetService(operation->cluster, operation->service);
  if (!stored.ok()) return false;
  // Until an upgrade has succeeded the record says what was there before.
  if (operation->kind == OperationKind::kInstall) {
    stored->record.manifest = step.manifest;
    stored->record.computed = step.computed;
  }
  const absl::Status put =
      store_->Put(filled, stored->record, stored->revision);
  if (!put.ok()) {
    operation->waiting_for = {std::string(put.message())};
    return false;
  }
  *operation = std::move(filled);
  return true;
}

void OperationRunner::AdvanceInstall(Orchestrator& cluster,
                                     Operation* operation) {
  absl::StatusOr<AppStatus> status = cluster.Observe(operation->service);
  if (absl::IsNotFound(status.status())) {
    if (!IsDue(operation) || !FillManifest(cluster, operation) ||
        !IsAdmitted(operation)) {
      return;
    }
    const absl::Status created = cluster.Create(RequestOf(*operation));
    if (absl::IsUnavailable(created) || absl::IsResourceExhausted(created)) {
      operation->waiting_for = {std::string(created.message())};
      return;
    }
    if (!created.ok()) {
      operation->error = created;
      End(OperationState::kFailed, operation);
      return;
    }
    status = cluster.Observe(operation->service);
  }
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

void OperationRunner::RollBack(Orchestrator& cluster, const absl::Status& why,
                               Operation* operation) {
  Operation failed = *operation;
  failed.error = registry::WithReason(why, "APP_FAILED");
  failed.rolling_back = true;
  failed.submitted = false;
  // Durable first: a restart must not install again what has failed.
  const absl::Status put = store_->PutOperation(failed);
  if (!put.ok()) {
    operation->waiting_for = {std::string(put.message())};
    return;
  }
  *operation = std::move(failed);
  if (operation->kind == OperationKind::kInstall) {
    AdvanceRollback(cluster, operation);
  }
}

void OperationRunner::AdvanceRollback(Orchestrator& cluster,
                                      Operation* operation) {
  const absl::Status removed = cluster.Remove(operation->service);
  if (absl::IsNotFound(removed)) {
    // It says where what the app wrote is.
    absl::StatusOr<RemovalReceipt> receipt =
        cluster.Receipt(operation->service);
    if (receipt.ok()) operation->receipt = *std::move(receipt);
    End(OperationState::kFailed, operation);
    return;
  }
  operation->waiting_for = {
      removed.ok()
          ? absl::StrCat("what was started of ", operation->service, " to stop")
          : std::string(removed.message())};
}

void OperationRunner::AdvanceUninstall(Orchestrator& cluster,
                                       Operation* operation) {
  if (!IsDue(operation)) return;
  const absl::Status removed = cluster.Remove(operation->service);
  if (!removed.ok() && !absl::IsNotFound(removed)) {
    operation->waiting_for = {std::string(removed.message())};
    return;
  }
  const absl::StatusOr<AppStatus> status = cluster.Observe(operation->service);
  if (!absl::IsNotFound(status.status())) {
    operation->waiting_for = {absl::StrCat(operation->service, " to stop")};
    if (status.ok()) {
      operation->waiting_for.insert(operation->waiting_for.end(),
                                    status->waiting_for.begin(),
                                    status->waiting_for.end());
    }
    return;
  }
  absl::StatusOr<RemovalReceipt> receipt = cluster.Receipt(operation->service);
  // None after a restart in the middle, or when the app was never there.
  operation->receipt = receipt.ok() ? *std::move(receipt) : RemovalReceipt();
  operation->receipt->removed.push_back({"service", operation->service});
  End(OperationState::kSucceeded, operation);
}

void OperationRunner::Establish(Operation* operation) {
  absl::StatusOr<StoredService> stored =
      store_->GetService(operation->cluster, operation->service);
  if (!stored.ok()) {
    operation->waiting_for = {std::string(stored.status().message())};
    return;
  }
  // An uninstall may have taken the record meanwhile; the next tick sees it.
  if (stored->record.operation != operation->name) return;
  Operation ended = *operation;
  ended.state = OperationState::kSucceeded;
  ended.waiting_for.clear();
  ended.end_time = now_();
  if (operation->kind == OperationKind::kUpgrade) {
    const ServiceRecord before = stored->record;
    TakeStep(operation->plan.steps.front(), &stored->record);
    if (before.established) NoteGeneration(before, &stored->record);
    ForgetFailure(&stored->record);
  }
  stored->record.operation.clear();
  stored->record.established = true;
  const absl::Status put = store_->Put(ended, stored->record, stored->revision);
  if (put.ok()) {
    *operation = std::move(ended);
  } else {
    operation->waiting_for = {std::string(put.message())};
  }
}

absl::Status OperationRunner::PutEnded(const Operation& ended) {
  const bool is_gone = ended.kind == OperationKind::kInstall ||
                       (ended.kind == OperationKind::kUninstall &&
                        ended.state == OperationState::kSucceeded);
  ORRERY_ASSIGN_OR_RETURN(StoredService stored,
                          store_->GetService(ended.cluster, ended.service));
  // An uninstall may have taken the record meanwhile; the next tick sees it.
  if (stored.record.operation != ended.name) {
    return absl::AbortedError(
        absl::StrCat("operation ", stored.record.operation, " has taken ",
                     ended.service, " over"));
  }
  if (is_gone) return store_->PutAndRemoveService(ended, stored.revision);
  // An upgrade that did not come up; what it changed may be options alone.
  if (ended.rolling_back) {
    const PlanStep& step = ended.plan.steps.front();
    if (!HasSameContent(step, stored.record)) {
      NoteFailure({step.release, step.tree, step.source, *ended.end_time,
                   std::string(ended.error.message())},
                  &stored.record);
    }
  }
  stored.record.operation.clear();
  return store_->Put(ended, stored.record, stored.revision);
}

void OperationRunner::End(OperationState state, Operation* operation) {
  Operation ended = *operation;
  ended.state = state;
  ended.waiting_for.clear();
  ended.end_time = now_();
  const std::vector<StoredServicePtr> along =
      state == OperationState::kFailed ? CameAlong(ended)
                                       : std::vector<StoredServicePtr>();
  const absl::Status put = PutEnded(ended);
  if (!put.ok()) {
    operation->waiting_for = {std::string(put.message())};
    return;
  }
  *operation = std::move(ended);
  RemoveAll(along);
}

}  // namespace orrery::catalog
