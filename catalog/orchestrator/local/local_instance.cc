#include "catalog/orchestrator/local/local_instance.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/store/uuid.h"

namespace orrery::catalog {

InstanceRecord NewInstanceRecord(const LocalApp& app, const LocalSlot& slot,
                                 const LocalConfig& config, absl::Time now) {
  InstanceRecord record;
  // Marathon's form: the app's path with '_' for '/'.
  record.id =
      absl::StrCat(absl::StrReplaceAll(app.app->id.substr(1), {{"/", "_"}}),
                   ".instance-", NewUuid());
  record.task_id = absl::StrCat(record.id, "._app.1");
  record.service = app.record.service;
  record.app_id = app.app->id;
  record.slot = slot.index;
  record.generation = app.record.generation;
  record.ports = slot.ports;
  record.boot_id = BootId();
  record.launch_time = now;
  if (!config.cgroup.empty()) {
    record.cgroup = absl::StrCat(config.cgroup, "/", record.id);
  }
  return record;
}

LocalInstance MakeInstance(const LocalApp& app, InstanceRecord record,
                           const std::string& directory,
                           const LocalConfig& config, absl::Time now) {
  LocalInstance instance;
  instance.plan.app = app.app;
  instance.plan.artifacts = app.record.artifacts;
  instance.plan.record = std::move(record);
  instance.plan.user = app.user;
  instance.plan.app_version = absl::FormatTime(
      "%Y-%m-%d%ET%H:%M:%E3SZ", app.record.change_time, absl::UTCTimeZone());
  instance.plan.directory = directory;
  instance.plan.volume_directory =
      VolumeDirectory(config, app.record.service, instance.plan.record.slot);
  instance.plan.progress = std::make_shared<FetchProgress>();
  instance.phase_time = now;
  instance.logs = std::make_shared<InstanceLogs>(directory, config.log_bytes,
                                                 config.log_files);
  return instance;
}

void EnterRunning(const LocalConfig& config, absl::Time now,
                  LocalInstance* instance) {
  instance->task = ReadTaskIdentity(instance->plan.directory);
  if (!instance->task.has_value()) return;
  instance->checks.emplace(*instance->plan.app, instance->record().ports,
                           config.advertised_host, instance->task->time);
  instance->phase = instance->stop.has_value() ? InstancePhase::kKilling
                                               : InstancePhase::kRunning;
  instance->phase_time = now;
}

void OrderKill(const std::string& reason, absl::Time now,
               LocalInstance* instance) {
  if (instance->stop.has_value()) return;
  instance->stop = StopOrder{now, reason, 0, now};
  instance->plan.progress->cancelled = true;
  if (instance->phase == InstancePhase::kRunning) {
    instance->phase = InstancePhase::kKilling;
    instance->phase_time = now;
  }
}

void OrderStop(const std::string& reason, absl::Time now,
               LocalInstance* instance) {
  if (instance->stop.has_value()) return;
  OrderKill(reason, now, instance);
  instance->stop->wanted = true;
}

void NoteFailure(std::string reason, absl::Time now, LocalSlot* slot) {
  slot->last_end = std::move(reason);
  slot->next_launch = now + slot->backoff.Fail(now);
}

void NoteObstacle(std::string reason, absl::Duration wait, absl::Time now,
                  LocalSlot* slot) {
  if (slot->obstacle.empty()) slot->obstacle_since = now;
  slot->obstacle = std::move(reason);
  slot->next_launch = now + wait;
}

pid_t RootOf(const LocalInstance& instance) {
  if (!instance.orphaned) return instance.shim_pid;
  return instance.task.has_value() ? instance.task->identity.pid : 0;
}

}  // namespace orrery::catalog
