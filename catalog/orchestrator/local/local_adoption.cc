#include "catalog/orchestrator/local/local_adoption.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/local/instance_end.h"
#include "catalog/orchestrator/local/instance_stop.h"
#include "catalog/orchestrator/local/local_instance.h"
#include "catalog/orchestrator/local/local_rollout.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/task/instance_record.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ListFolder;
using registry::MakeDirectory;
using registry::RemoveTree;

// An instance folder and what was found in it.
struct FoundInstance {
  std::string directory;
  InstanceInspection inspection;

  const InstanceRecord& record() const { return *inspection.record; }
  bool lives() const {
    return inspection.condition == InstanceCondition::kSupervised ||
           inspection.condition == InstanceCondition::kOrphaned ||
           inspection.condition == InstanceCondition::kStarting;
  }
};

void LoadApp(const LocalConfig& config, const std::string& name, absl::Time now,
             LocalState* state) {
  absl::StatusOr<LocalApp> app = ReadApp(config, name);
  if (!app.ok()) {
    // Its folder was made and its record was not: Create had not returned.
    RemoveTree(absl::StrCat(AppsDirectory(config), "/", name)).IgnoreError();
    return;
  }
  // While no orreryd ran, it could not come up.
  app->free_time = now;
  const std::string service = app->record.service;
  for (const LocalSlot& slot : app->slots) {
    for (const int port : slot.ports) state->ports.Book(port, service);
  }
  state->apps.emplace(service, *std::move(app));
}

// Nothing for what never ran; its folder is removed.
std::optional<FoundInstance> Inspect(std::string directory) {
  InstanceInspection found = InspectInstance(directory, BootId());
  const bool refused_to_start =
      found.exit.has_value() && !found.exit->started && !found.task.has_value();
  if (!found.record.has_value() || refused_to_start ||
      found.condition == InstanceCondition::kNeverStarted) {
    RemoveTree(directory).IgnoreError();
    return std::nullopt;
  }
  return FoundInstance{std::move(directory), std::move(found)};
}

// The end of it was noted before.
bool TakeNotedEnd(const LocalConfig& config, const FoundInstance& found,
                  LocalState* state) {
  std::optional<EndedInstance> ended = ReadEnd(found.directory, found.record());
  if (!ended.has_value()) return false;
  ended->logs = std::make_shared<InstanceLogs>(
      found.directory, config.log_bytes, config.log_files);
  const auto place = state->apps.find(found.record().service);
  if (place == state->apps.end()) {
    InsertEnded(*std::move(ended), &state->departed[found.record().service]);
    return true;
  }
  LocalApp& app = place->second;
  const auto slot = static_cast<size_t>(found.record().slot);
  // A job must not run again; what an earlier app of the service did is no
  // matter.
  if (app.record.run_once && slot < app.slots.size() &&
      found.record().launch_time >= app.record.create_time) {
    EnterEnd(app.record, *ended, ended->end_time, &app.slots[slot]);
    app.slots[slot].last_ended = *ended;
  }
  InsertEnded(*std::move(ended), &app.ended);
  return true;
}

// The slot the instance belongs to, or null. An app whose record is unreadable
// gets the slots of the instances that are found.
LocalSlot* SlotFor(const FoundInstance& found, LocalState* state) {
  const auto place = state->apps.find(found.record().service);
  if (place == state->apps.end()) return nullptr;
  LocalApp& app = place->second;
  const auto index = static_cast<size_t>(found.record().slot);
  if (app.record.manifest.empty()) {
    while (app.record.ports.size() <= index) {
      app.record.ports.push_back({});
      app.slots.push_back(std::move(MakeSlots(app).back()));
    }
    app.slots[index].ports = found.record().ports;
  }
  return index < app.record.ports.size() ? &app.slots[index] : nullptr;
}

// An empty slot for a living instance, or null when nobody knows it.
LocalSlot* MakeRoom(const FoundInstance& found, LocalState* state) {
  LocalSlot* const slot = SlotFor(found, state);
  if (slot != nullptr && slot->instance == nullptr) return slot;
  const auto place = state->apps.find(found.record().service);
  if (place == state->apps.end()) return nullptr;
  LocalApp& app = place->second;
  const int index = found.record().slot;
  if (slot == nullptr ||
      !app.record.valid.contains(found.record().generation)) {
    app.slots.push_back(LocalSlot::Retiring(index, nullptr));
    return &app.slots.back();
  }
  if (!app.Outdates(*slot->instance)) {
    // It may be the one that serves, but only where both may run.
    if (PaceOf(*app.app).stop_start) return nullptr;
    app.slots.push_back(LocalSlot::Retiring(index, nullptr));
    return &app.slots.back();
  }
  app.slots.push_back(LocalSlot::Retiring(index, std::move(slot->instance)));
  return &app.slots[static_cast<size_t>(index)];
}

// The instance as an app of its own generation launched it.
LocalInstance Remake(const LocalConfig& config, const LocalApp& app,
                     const FoundInstance& found, absl::Time now) {
  const int64_t generation = found.record().generation;
  if (app.record.valid.contains(generation)) {
    return MakeInstance(app, found.record(), found.directory, config, now);
  }
  return MakeInstance(AppOfGeneration(config, app, generation), found.record(),
                      found.directory, config, now);
}

void Adopt(const LocalConfig& config, const FoundInstance& found,
           absl::Time now, LocalState* state) {
  LocalSlot* const slot = MakeRoom(found, state);
  if (slot == nullptr) {
    StopStray(found.inspection);
    state->strays.push_back(found.directory);
    return;
  }
  const LocalApp& app = state->apps.find(found.record().service)->second;
  // Also those that only an earlier form of the app had.
  for (const int port : found.record().ports) {
    state->ports.Book(port, app.record.service);
  }
  slot->instance =
      std::make_unique<LocalInstance>(Remake(config, app, found, now));
  LocalInstance* const instance = slot->instance.get();
  instance->phase = InstancePhase::kStarting;
  instance->adopted = true;
  const InstanceInspection& inspection = found.inspection;
  if (inspection.shim.has_value()) {
    instance->shim_pid = inspection.shim->identity.pid;
  }
  if (inspection.condition == InstanceCondition::kSupervised) {
    instance->shim = ProcessHandle::Open(inspection.shim->identity);
    EnterRunning(config, now, instance);
  } else if (inspection.condition == InstanceCondition::kOrphaned) {
    instance->orphaned = true;
    instance->task_handle = ProcessHandle::Open(inspection.task->identity);
    EnterRunning(config, now, instance);
  }
  // kStarting: the loop looks again until the shim has said who it is.
}

// It has ended while no orreryd ran.
void TakeEnd(const LocalConfig& config, const FoundInstance& found,
             absl::Time now, LocalState* state) {
  const auto place = state->apps.find(found.record().service);
  if (place == state->apps.end()) {
    // Kept as that of a removed app.
    StopStray(found.inspection);
    LocalApp unknown;
    unknown.app = std::make_shared<const MarathonApp>();
    const LocalInstance instance =
        MakeInstance(unknown, found.record(), found.directory, config, now);
    EndedInstance ended = DescribeFound(instance, found.inspection, now);
    WriteEnd(ended);
    InsertEnded(std::move(ended), &state->departed[found.record().service]);
    state->strays.push_back(found.directory);
    return;
  }
  LocalApp& app = place->second;
  LocalInstance instance = Remake(config, app, found, now);
  LocalSlot* const slot = SlotFor(found, state);
  const bool current = slot != nullptr && slot->instance == nullptr;
  if (found.inspection.condition == InstanceCondition::kLost && current) {
    // The loop ends what it may have left before it launches the next one.
    instance.orphaned = true;
    instance.lost = true;
    instance.phase = InstancePhase::kStarting;
    slot->instance = std::make_unique<LocalInstance>(std::move(instance));
    return;
  }
  EndedInstance ended = DescribeFound(instance, found.inspection, now);
  WriteEnd(ended);
  RemoveFetched(ended.directory);
  // Nothing failed when the host went down: it is launched again at once, but
  // for a job.
  const bool failed =
      found.inspection.condition != InstanceCondition::kOtherBoot &&
      !app.Outdates(instance);
  if (current && (failed || app.record.run_once)) {
    EnterEnd(app.record, ended, now, slot);
  }
  if (current) slot->last_ended = ended;
  app.stopped_tasks.push_back(ended.record.task_id);
  InsertEnded(std::move(ended), &app.ended);
}

}  // namespace

absl::Status LoadState(const LocalConfig& config, absl::Time now,
                       LocalState* state) {
  ORRERY_RETURN_IF_ERROR(MakeDirectory(AppsDirectory(config), 0700));
  ORRERY_RETURN_IF_ERROR(MakeDirectory(InstancesDirectory(config), 0711));
  ORRERY_RETURN_IF_ERROR(
      MakeDirectory(absl::StrCat(config.state_dir, "/volumes"), 0711));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> apps,
                          ListFolder(AppsDirectory(config)));
  for (const std::string& app : apps) LoadApp(config, app, now, state);
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> instances,
                          ListFolder(InstancesDirectory(config)));
  std::vector<FoundInstance> ended;
  for (const std::string& name : instances) {
    std::optional<FoundInstance> found =
        Inspect(absl::StrCat(InstancesDirectory(config), "/", name));
    if (!found.has_value() || TakeNotedEnd(config, *found, state)) continue;
    if (found->lives()) {
      Adopt(config, *found, now, state);
    } else {
      ended.push_back(*std::move(found));
    }
  }
  // After those that live: an older end must not take the slot of one.
  for (const FoundInstance& found : ended) TakeEnd(config, found, now, state);
  return absl::OkStatus();
}

}  // namespace orrery::catalog
