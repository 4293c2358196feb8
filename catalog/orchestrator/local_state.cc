#include "catalog/orchestrator/local_state.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {

absl::StatusOr<LocalApp*> FindApp(LocalState* state,
                                  absl::string_view service) {
  const auto place = state->apps.find(service);
  if (place != state->apps.end()) return &place->second;
  return absl::NotFoundError(
      absl::StrCat("service '", service, "' has no app on this cluster"));
}

LocalSlot* FindSlot(LocalState* state, absl::string_view service, int slot,
                    absl::string_view instance_id) {
  const auto place = state->apps.find(service);
  if (place == state->apps.end()) return nullptr;
  std::vector<LocalSlot>& slots = place->second.slots;
  const auto index = static_cast<size_t>(slot);
  if (index >= slots.size() || slots[index].instance == nullptr ||
      slots[index].instance->record().id != instance_id) {
    return nullptr;
  }
  return &slots[index];
}

Resources UsedResources(const LocalState& state) {
  Resources used;
  for (const auto& [service, app] : state.apps) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      used.cpus += app.app->cpus;
      used.mem += app.app->mem;
    }
  }
  return used;
}

absl::StatusOr<std::vector<TaskLogs>> LogsOf(const LocalApp& app,
                                             absl::string_view task) {
  std::vector<TaskLogs> logs;
  for (const EndedInstance& ended : app.ended) {
    if (ended.record.task_id == task) {
      logs.push_back({ended.record.task_id, ended.logs, true});
    }
  }
  for (const LocalSlot& slot : app.slots) {
    if (slot.instance == nullptr) {
      if (task.empty() && slot.last_ended.has_value()) {
        logs.push_back(
            {slot.last_ended->record.task_id, slot.last_ended->logs, true});
      }
      continue;
    }
    const std::string& id = slot.instance->record().task_id;
    if (task.empty() || id == task) {
      logs.push_back({id, slot.instance->logs, false});
    }
  }
  if (!task.empty() && logs.empty()) {
    return absl::NotFoundError(absl::StrCat("service '", app.record.service,
                                            "' has no task '", task, "'"));
  }
  return logs;
}

}  // namespace orrery::catalog
