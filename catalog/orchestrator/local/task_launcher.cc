#include "catalog/orchestrator/local/task_launcher.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/local/local_instance.h"
#include "registry/store/durable_file.h"

namespace orrery::catalog {
namespace {

// A launch that a shortage or a stranger's port holds up is tried this often,
constexpr absl::Duration kObstacleInterval = absl::Seconds(1);
// and one for which the disk has no room, which is more work.
constexpr absl::Duration kDiskInterval = absl::Seconds(5);

void NoteLaunchFailure(const absl::Status& fault, absl::Time now,
                       LocalSlot* slot) {
  const bool unwanted = slot->instance->stop.has_value();
  slot->instance.reset();
  if (unwanted) return;
  if (absl::IsResourceExhausted(fault)) {
    // Not the app's failure: it goes on when there is room.
    NoteObstacle(std::string(fault.message()), kDiskInterval, now, slot);
    return;
  }
  slot->obstacle.clear();
  NoteFailure(std::string(fault.message()), now, slot);
  if (absl::IsDataLoss(fault) || absl::IsInvalidArgument(fault)) {
    slot->permanent_failure = slot->last_end;
  }
}

}  // namespace

TaskLauncher::TaskLauncher(const LocalConfig* config, ArtifactFetcher* fetcher,
                           LocalApps* apps, WorkerPool* workers)
    : config_(*config), fetcher_(fetcher), apps_(apps), workers_(workers) {}

void TaskLauncher::Launch(const LocalApp& app, const Resources& used,
                          absl::Time now, LocalSlot* slot) {
  const std::string shortage =
      DescribeShortage({app.app->cpus, app.app->mem}, used, apps_->capacity());
  if (!shortage.empty()) {
    NoteObstacle(shortage, kObstacleInterval, now, slot);
    return;
  }
  InstanceRecord record = NewInstanceRecord(app, *slot, config_, now);
  const std::string directory =
      absl::StrCat(InstancesDirectory(config_), "/", record.id);
  slot->instance = std::make_unique<LocalInstance>(
      MakeInstance(app, std::move(record), directory, config_, now));
  workers_->Submit([this, plan = slot->instance->plan] {
    Outcome outcome = Run(plan);
    {
      const MutexLock lock(&mutex_);
      outcomes_.push_back(std::move(outcome));
    }
    apps_->Wake();
  });
}

TaskLauncher::Outcome TaskLauncher::Run(LaunchPlan plan) {
  Outcome outcome;
  outcome.service = plan.record.service;
  outcome.slot = plan.record.slot;
  outcome.instance_id = plan.record.id;
  absl::StatusOr<std::vector<int>> ports = apps_->SecurePorts(plan);
  if (!ports.ok()) {
    outcome.obstacle = std::string(ports.status().message());
    return outcome;
  }
  outcome.ports = *ports;
  plan.record.ports = *std::move(ports);
  absl::Status prepared = PrepareSandbox(plan, config_, fetcher_);
  if (prepared.ok() && plan.progress->cancelled) {
    prepared = absl::CancelledError("it is not wanted any more");
  }
  if (prepared.ok()) {
    outcome.shim = StartShim(plan, TaskSpec(plan, config_), config_);
  } else {
    outcome.shim = prepared;
  }
  // Nothing of it ran, so nothing of it is worth keeping.
  if (!outcome.shim.ok()) {
    registry::RemoveTree(plan.directory).IgnoreError();
  }
  return outcome;
}

void TaskLauncher::TakeOutcomes(absl::Time now, LocalState* state) {
  std::vector<Outcome> outcomes;
  {
    const MutexLock lock(&mutex_);
    outcomes.swap(outcomes_);
  }
  for (Outcome& outcome : outcomes) TakeOutcome(std::move(outcome), now, state);
}

void TaskLauncher::TakeOutcome(Outcome outcome, absl::Time now,
                               LocalState* state) {
  LocalSlot* const slot =
      FindSlot(state, outcome.service, outcome.slot, outcome.instance_id);
  if (slot == nullptr) return;
  LocalInstance* const instance = slot->instance.get();
  if (!outcome.obstacle.empty()) {
    slot->instance.reset();
    NoteObstacle(outcome.obstacle, kObstacleInterval, now, slot);
    return;
  }
  const LocalApp& app = state->apps.find(outcome.service)->second;
  // An update has given the slot others meanwhile.
  if (!slot->retiring && !app.Outdates(*instance)) slot->ports = outcome.ports;
  if (!outcome.shim.ok()) {
    NoteLaunchFailure(outcome.shim.status(), now, slot);
    return;
  }
  slot->obstacle.clear();
  instance->plan.record.ports = outcome.ports;
  instance->shim_pid = outcome.shim->pid;
  instance->shim = std::move(outcome.shim->handle);
  instance->phase = InstancePhase::kStarting;
  instance->phase_time = now;
}

}  // namespace orrery::catalog
