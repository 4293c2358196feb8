#include "catalog/orchestrator/local/instance_stop.h"

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/process/process_tree.h"

namespace orrery::catalog {
namespace {

// For the shim to do what it was told, after the grace of its task.
constexpr absl::Duration kShimPatience = absl::Seconds(10);
constexpr absl::Duration kSweepInterval = absl::Milliseconds(200);

void EscalateShim(LocalInstance* instance, absl::Time now,
                  absl::Duration grace) {
  StopOrder& stop = *instance->stop;
  switch (stop.escalations) {
    case 0:
      instance->shim->Signal(SIGTERM);
      stop.next_escalation = now + grace + kShimPatience;
      break;
    case 1:
      instance->shim->Signal(SIGUSR1);
      stop.next_escalation = now + kShimPatience;
      break;
    default:
      // A shim that is stopped or stuck: the task is ended without it.
      instance->shim->Signal(SIGKILL);
      stop.next_escalation = now + kShimPatience;
  }
}

}  // namespace

std::vector<ProcessStat> HostProcesses::Relatives(const std::string& task_id,
                                                  pid_t task) {
  if (!table_.has_value()) {
    table_ = ListProcesses();
    std::erase_if(*table_, [](const ProcessStat& process) {
      return process.state == 'Z';
    });
    by_task_ = ByEnvironment(*table_, "MESOS_TASK_ID");
  }
  std::vector<ProcessStat> found;
  const auto [begin, end] = by_task_.equal_range(task_id);
  for (auto place = begin; place != end; ++place) {
    found.push_back(place->second);
  }
  if (task <= 0) return found;
  for (const ProcessStat& process : Descendants(*table_, task)) {
    found.push_back(process);
  }
  return found;
}

void EscalateStop(LocalInstance* instance, absl::Time now,
                  HostProcesses* processes) {
  StopOrder& stop = *instance->stop;
  const absl::Duration grace = instance->plan.app->KillGrace();
  stop.next_escalation = now + kSweepInterval;
  if (instance->shim.has_value()) {
    EscalateShim(instance, now, grace);
  } else if (instance->task_handle.has_value() &&
             !instance->task_handle->Ended()) {
    if (stop.escalations == 0) {
      // The leader lives, so the number of its group is no other group's.
      kill(-instance->task->identity.pid, SIGTERM);
      stop.next_escalation = now + grace;
    } else {
      KillRelatives(*instance, processes);
      instance->task_handle->Signal(SIGKILL);
    }
  } else {
    return;
  }
  ++stop.escalations;
}

int KillRelatives(const LocalInstance& instance, HostProcesses* processes) {
  const bool alive =
      instance.task_handle.has_value() && !instance.task_handle->Ended();
  const std::vector<ProcessStat> relatives = processes->Relatives(
      instance.record().task_id, alive ? instance.task->identity.pid : 0);
  Kill(relatives);
  // Also those that have ended since the look: they may have left children.
  return static_cast<int>(relatives.size());
}

void StopStray(const InstanceInspection& found) {
  HostProcesses processes;
  if (found.condition == InstanceCondition::kSupervised) {
    const std::optional<ProcessHandle> shim =
        ProcessHandle::Open(found.shim->identity);
    if (shim.has_value()) shim->Signal(SIGTERM);
  } else if (found.condition == InstanceCondition::kOrphaned) {
    const std::optional<ProcessHandle> task =
        ProcessHandle::Open(found.task->identity);
    Kill(processes.Relatives(found.record->task_id, found.task->identity.pid));
    if (task.has_value()) task->Signal(SIGKILL);
  } else if (found.condition == InstanceCondition::kLost) {
    Kill(processes.Relatives(found.record->task_id, /*task=*/0));
  }
}

}  // namespace orrery::catalog
