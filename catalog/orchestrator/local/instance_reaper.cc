#include "catalog/orchestrator/local/instance_reaper.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "catalog/orchestrator/local/instance_end.h"
#include "catalog/orchestrator/local/local_instance.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/task/instance_record.h"
#include "catalog/orchestrator/task/task_launch.h"
#include "registry/store/durable_file.h"

namespace orrery::catalog {

using registry::RemoveTree;

InstanceReaper::InstanceReaper(const LocalConfig* config, WorkerPool* clerk)
    : config_(*config), clerk_(clerk) {}

void InstanceReaper::Look(absl::Time now, HostProcesses* processes,
                          LocalApp* app, LocalSlot* slot) {
  const LocalInstance& instance = *slot->instance;
  if (instance.shim.has_value() ? instance.shim->Ended() : !instance.orphaned) {
    TakeShimEnd(app, slot, now);
  } else if (instance.orphaned) {
    TakeOrphanEnd(app, slot, now, processes);
  }
}

void InstanceReaper::TakeShimEnd(LocalApp* app, LocalSlot* slot,
                                 absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (instance->shim.has_value()) instance->shim->Reap();
  const InstanceInspection found =
      InspectInstance(instance->plan.directory, BootId());
  switch (found.condition) {
    case InstanceCondition::kSupervised:
      // An adopted shim that had not said who it is.
      instance->shim = ProcessHandle::Open(found.shim->identity);
      instance->shim_pid = found.shim->identity.pid;
      return;
    case InstanceCondition::kStarting:
      // Or a task that has not executed yet holds the lock of its dead shim; it
      // ends by itself.
      return;
    case InstanceCondition::kExited:
      NoteEnd(app, slot, DescribeExit(*instance, *found.exit), now);
      return;
    case InstanceCondition::kNeverStarted:
      clerk_->Submit([directory = instance->plan.directory] {
        RemoveTree(directory).IgnoreError();
      });
      // An adopted one may belong to an orreryd that was killed in the middle.
      if (!instance->adopted && !instance->stop.has_value()) {
        NoteFailure("its shim ended before it had started anything", now, slot);
      }
      slot->instance.reset();
      return;
    case InstanceCondition::kOrphaned:
      if (!instance->checks.has_value()) EnterRunning(config_, now, instance);
      instance->task_handle = ProcessHandle::Open(found.task->identity);
      break;
    default:
      instance->lost = true;
      break;
  }
  instance->shim.reset();
  instance->orphaned = true;
  if (instance->stop.has_value()) {
    instance->stop->escalations = 0;
    instance->stop->next_escalation = now;
  }
}

void InstanceReaper::TakeOrphanEnd(LocalApp* app, LocalSlot* slot,
                                   absl::Time now, HostProcesses* processes) {
  LocalInstance* const instance = slot->instance.get();
  if (instance->task_handle.has_value()) {
    if (!instance->task_handle->Ended()) return;
    instance->task_handle->Reap();
  }
  if (KillRelatives(*instance, processes) > 0) return;
  NoteEnd(app, slot, DescribeLoss(*instance, now), now);
}

void InstanceReaper::NoteEnd(LocalApp* app, LocalSlot* slot,
                             EndedInstance ended, absl::Time now) {
  const std::optional<StopOrder>& stop = slot->instance->stop;
  const bool wanted = stop.has_value() && stop->wanted;
  const bool replaced = slot->retiring || app->Outdates(*slot->instance);
  slot->instance.reset();
  if (wanted) app->stopped_tasks.push_back(ended.record.task_id);
  // How its predecessor failed says nothing of the next one.
  if (!wanted && !replaced) EnterEnd(app->record, ended, now, slot);
  slot->last_ended = ended;
  clerk_->Submit([ended] {
    WriteEnd(ended);
    RemoveFetched(ended.directory);
    if (!ended.record.cgroup.empty()) rmdir(ended.record.cgroup.c_str());
  });
  app->ended.push_back(std::move(ended));
  DropOldEnded(now, app);
}

void InstanceReaper::DropOldEnded(absl::Time now, LocalApp* app) {
  // The folder of a job's instance says that it has run.
  if (!app->record.run_once) DropOldEnded(now, &app->ended);
}

void InstanceReaper::DropOldEnded(absl::Time now,
                                  std::deque<EndedInstance>* ended) {
  while (!ended->empty() &&
         (static_cast<int>(ended->size()) > config_.keep_finished ||
          now - ended->front().end_time > config_.keep_finished_for)) {
    clerk_->Submit([directory = ended->front().directory] {
      RemoveTree(directory).IgnoreError();
    });
    ended->pop_front();
  }
}

}  // namespace orrery::catalog
