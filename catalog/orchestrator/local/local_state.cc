#include "catalog/orchestrator/local/local_state.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

absl::Status NoApp(absl::string_view service) {
  return absl::NotFoundError(
      absl::StrCat("service '", service, "' has no app on this cluster"));
}

}  // namespace

absl::StatusOr<LocalApp*> FindApp(LocalState* state,
                                  absl::string_view service) {
  const auto place = state->apps.find(service);
  if (place != state->apps.end()) return &place->second;
  return NoApp(service);
}

absl::StatusOr<const LocalApp*> FindApp(const LocalState& state,
                                        absl::string_view service) {
  const auto place = state.apps.find(service);
  if (place != state.apps.end()) return &place->second;
  return NoApp(service);
}

LocalSlot* FindSlot(LocalState* state, absl::string_view service, int slot,
                    absl::string_view instance_id) {
  const auto place = state->apps.find(service);
  if (place == state->apps.end()) return nullptr;
  std::vector<LocalSlot>& slots = place->second.slots;
  const auto has_it = [instance_id](const LocalSlot& candidate) {
    return candidate.instance != nullptr &&
           candidate.instance->record().id == instance_id;
  };
  const auto index = static_cast<size_t>(slot);
  if (index < slots.size() && has_it(slots[index])) return &slots[index];
  // It may have begun to retire.
  const auto found = std::find_if(slots.begin(), slots.end(), has_it);
  return found == slots.end() ? nullptr : &*found;
}

Resources UsedResources(const LocalApp& app) {
  Resources used;
  for (const LocalSlot& slot : app.slots) {
    if (slot.instance == nullptr) continue;
    used.cpus += slot.instance->plan.app->cpus;
    used.mem += slot.instance->plan.app->mem;
  }
  return used;
}

Resources UsedResources(const LocalState& state) {
  Resources used;
  for (const auto& [service, app] : state.apps) {
    const Resources of_app = UsedResources(app);
    used.cpus += of_app.cpus;
    used.mem += of_app.mem;
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
