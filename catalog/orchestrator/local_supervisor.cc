#include "catalog/orchestrator/local_supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/orchestrator/app_folder.h"
#include "catalog/orchestrator/app_status.h"
#include "catalog/orchestrator/instance_end.h"
#include "catalog/orchestrator/instance_stop.h"
#include "catalog/orchestrator/process_tree.h"
#include "catalog/uuid.h"
#include "registry/durable_file.h"
#include "registry/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ListFolder;
using registry::MakeDirectory;
using registry::RemoveTree;
using registry::SyncDirectory;
using registry::WriteDurably;

// A launch that a stranger's port or a full disk holds up is tried this often.
constexpr absl::Duration kObstacleInterval = absl::Seconds(1);
// How often a shim that has not reported, and what an orphan left, is looked
// at.
constexpr absl::Duration kLookInterval = absl::Milliseconds(50);
// Many events that come together are taken in one turn of the loop.
constexpr int kTurnMilliseconds = 2;
constexpr absl::Duration kTidyInterval = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Minutes(1);

// Marathon's form: the app's path with '_' for '/'.
std::string MakeInstanceId(const std::string& app_id) {
  return absl::StrCat(absl::StrReplaceAll(app_id.substr(1), {{"/", "_"}}),
                      ".instance-", NewUuid());
}

bool IsFixed(const MarathonApp& app, size_t index) {
  return app.require_ports && app.port_definitions[index].port != 0;
}

absl::Status PortTaken(int port, absl::string_view by) {
  return registry::WithReason(absl::FailedPreconditionError(
                                  absl::StrCat("port ", port, " is held ", by)),
                              "PORT_TAKEN", {{"port", absl::StrCat(port)}});
}

}  // namespace

LocalSupervisor::LocalSupervisor(const LocalConfig* config,
                                 ArtifactFetcher* fetcher)
    : config_(*config),
      fetcher_(fetcher),
      capacity_(CapacityOf(*config, DetectHost())),
      wake_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      ports_(config->first_port, config->last_port) {}

LocalSupervisor::~LocalSupervisor() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
    for (auto& [service, app] : apps_) {
      for (LocalSlot& slot : app.slots) {
        if (slot.instance != nullptr) {
          slot.instance->plan.progress->cancelled = true;
        }
      }
    }
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  workers_.reset();
  prober_.reset();
  close(wake_descriptor_);
}

std::string LocalSupervisor::AppsDirectory() const {
  return absl::StrCat(config_.state_dir, "/apps");
}

std::string LocalSupervisor::InstancesDirectory() const {
  return absl::StrCat(config_.state_dir, "/instances");
}

absl::Status LocalSupervisor::Start() {
  {
    const MutexLock lock(&mutex_);
    ORRERY_RETURN_IF_ERROR(MakeDirectory(AppsDirectory(), 0700));
    ORRERY_RETURN_IF_ERROR(MakeDirectory(InstancesDirectory(), 0711));
    ORRERY_RETURN_IF_ERROR(
        MakeDirectory(absl::StrCat(config_.state_dir, "/volumes"), 0711));
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> apps,
                            ListFolder(AppsDirectory()));
    for (const std::string& app : apps) {
      ORRERY_RETURN_IF_ERROR(LoadApp(absl::StrCat(AppsDirectory(), "/", app)));
    }
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> instances,
                            ListFolder(InstancesDirectory()));
    const absl::Time now = absl::Now();
    for (const std::string& instance : instances) {
      AdoptInstance(absl::StrCat(InstancesDirectory(), "/", instance), now);
    }
    Tidy(now);
  }
  prober_ = std::make_unique<NetworkProber>(
      [this](uint64_t key, const ProbeResult& result) {
        {
          const MutexLock lock(&inbox_mutex_);
          probe_results_.emplace_back(key, result);
        }
        Wake();
      });
  workers_ = std::make_unique<WorkerPool>(config_.launch_threads);
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

// --- What callers ask for.

absl::Status LocalSupervisor::CheckRoom(const NewApp& app) {
  const MutexLock lock(&mutex_);
  return CheckRoomLocked(app);
}

std::string LocalSupervisor::Shortage(const MarathonApp& app) const {
  const auto instances = static_cast<double>(app.instances);
  const MutexLock lock(&mutex_);
  return DescribeShortage({app.cpus * instances, app.mem * instances}, Used(),
                          capacity_);
}

absl::Status LocalSupervisor::CheckRoomLocked(const NewApp& app) {
  for (const auto& [service, existing] : apps_) {
    if (service == app.request.service) {
      return absl::AlreadyExistsError(absl::StrCat(
          "service '", service, "' has an app",
          existing.record.removing ? " that is being removed" : " already"));
    }
    if (existing.app->id == app.app->id) {
      return absl::AlreadyExistsError(
          absl::StrCat("app id '", app.app->id, "' belongs to service '",
                       service, "'; give this one another name"));
    }
  }
  for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
    if (!IsFixed(*app.app, i)) continue;
    const AppPort& wanted = app.app->port_definitions[i];
    if (const std::string* const owner = ports_.Owner(wanted.port)) {
      return PortTaken(wanted.port, absl::StrCat("by service ", *owner));
    }
    const PortProbe probe = ProbePort(wanted.port, wanted.protocol);
    if (probe == PortProbe::kTaken) {
      return PortTaken(wanted.port, DescribeStranger(wanted.port));
    }
    if (probe == PortProbe::kNotAllowed ||
        (app.user.user != 0 && wanted.port < FirstUnprivilegedPort())) {
      return absl::FailedPreconditionError(absl::StrCat(
          "user '", app.user.name, "' may not listen on port ", wanted.port,
          ": ports below ", FirstUnprivilegedPort(), " are root's"));
    }
  }
  return absl::OkStatus();
}

absl::Status LocalSupervisor::BookPorts(const NewApp& app,
                                        std::vector<std::vector<int>>* ports) {
  const std::string& service = app.request.service;
  for (int64_t slot = 0; slot < app.app->instances; ++slot) {
    std::vector<int>& numbers = ports->emplace_back();
    for (size_t i = 0; i < app.app->port_definitions.size(); ++i) {
      const AppPort& wanted = app.app->port_definitions[i];
      if (IsFixed(*app.app, i)) {
        ports_.Book(wanted.port, service);
        numbers.push_back(wanted.port);
        continue;
      }
      ORRERY_ASSIGN_OR_RETURN(const int port,
                              ports_.BookDynamic(service, wanted.protocol));
      numbers.push_back(port);
    }
  }
  return absl::OkStatus();
}

absl::Status LocalSupervisor::Add(NewApp added) {
  const MutexLock lock(&mutex_);
  ORRERY_RETURN_IF_ERROR(CheckRoomLocked(added));
  const std::string service = added.request.service;
  LocalApp app;
  app.app = added.app;
  app.user = added.user;
  app.directory = absl::StrCat(AppsDirectory(), "/", ServiceFileName(service));
  app.record.service = service;
  app.record.manifest = std::move(added.request.manifest);
  app.record.artifacts = std::move(added.request.artifacts);
  app.record.create_time = absl::Now();
  absl::Status booked = BookPorts(added, &app.record.ports);
  if (booked.ok()) booked = MakeDirectory(app.directory, 0700);
  if (booked.ok()) booked = SaveRecord(&app);
  if (booked.ok()) booked = SyncDirectory(AppsDirectory());
  if (!booked.ok()) {
    ports_.ReleaseAll(service);
    // The folder is gone or empty of a record, so nothing is left behind.
    RemoveTree(app.directory).IgnoreError();
    return booked;
  }
  app.slots = MakeSlots(app);
  if (const auto place = departed_.find(service); place != departed_.end()) {
    app.ended = std::move(place->second);
    departed_.erase(place);
  }
  receipts_.erase(service);
  apps_.emplace(service, std::move(app));
  Wake();
  return absl::OkStatus();
}

absl::Status LocalSupervisor::Remove(absl::string_view service) {
  const MutexLock lock(&mutex_);
  LocalApp* const app = FindApp(service);
  if (app == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("service '", service, "' has no app on this cluster"));
  }
  if (app->record.removing) return absl::OkStatus();
  app->record.removing = true;
  absl::Status saved = SaveRecord(app);
  if (!saved.ok()) {
    app->record.removing = false;
    return saved;
  }
  Wake();
  return absl::OkStatus();
}

absl::StatusOr<AppStatus> LocalSupervisor::Observe(absl::string_view service) {
  const MutexLock lock(&mutex_);
  LocalApp* const app = FindApp(service);
  if (app == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("service '", service, "' has no app on this cluster"));
  }
  return DescribeApp(*app, config_.advertised_host, config_.deployment_deadline,
                     absl::Now());
}

absl::StatusOr<RemovalReceipt> LocalSupervisor::Receipt(
    absl::string_view service) {
  const MutexLock lock(&mutex_);
  if (LocalApp* const app = FindApp(service); app != nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("service '", service,
                     app->record.removing ? "' is still being removed"
                                          : "' is not being removed"));
  }
  const auto place = receipts_.find(std::string(service));
  if (place != receipts_.end()) return place->second;
  return absl::NotFoundError(
      absl::StrCat("no removal of service '", service, "' is known"));
}

absl::StatusOr<std::vector<TaskLogs>> LocalSupervisor::Logs(
    absl::string_view service, absl::string_view task) {
  const MutexLock lock(&mutex_);
  LocalApp* const app = FindApp(service);
  if (app == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("service '", service, "' has no app on this cluster"));
  }
  std::vector<TaskLogs> logs;
  for (const EndedInstance& ended : app->ended) {
    if (ended.record.task_id == task) {
      logs.push_back({ended.record.task_id, ended.logs, true});
    }
  }
  for (const LocalSlot& slot : app->slots) {
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
    return absl::NotFoundError(
        absl::StrCat("service '", service, "' has no task '", task, "'"));
  }
  return logs;
}

std::vector<std::string> LocalSupervisor::Strays() const {
  const MutexLock lock(&mutex_);
  return strays_;
}

// --- The loop.

void LocalSupervisor::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t n = write(wake_descriptor_, &one, sizeof(one));
}

void LocalSupervisor::Run() {
  while (true) {
    std::vector<pollfd> entries = {{wake_descriptor_, POLLIN, 0}};
    absl::Duration wait;
    {
      const MutexLock lock(&mutex_);
      if (stopping_) return;
      const absl::Time now = absl::Now();
      Step(now);
      for (const int descriptor : Descriptors()) {
        entries.push_back({descriptor, POLLIN, 0});
      }
      wait = std::clamp(NextTime(now) - absl::Now(), absl::ZeroDuration(),
                        kLongestWait);
    }
    poll(entries.data(), entries.size(),
         static_cast<int>(absl::ToInt64Milliseconds(
             absl::Ceil(wait, absl::Milliseconds(1)))));
    uint64_t count = 0;
    if (read(wake_descriptor_, &count, sizeof(count)) > 0) {
      poll(nullptr, 0, kTurnMilliseconds);
    }
  }
}

void LocalSupervisor::Step(absl::Time now) {
  TakeLaunchOutcomes(now);
  TakeProbeResults(now);
  for (auto place = apps_.begin(); place != apps_.end();) {
    LocalApp& app = place->second;
    StepApp(&app, now);
    const bool empty = std::all_of(
        app.slots.begin(), app.slots.end(),
        [](const LocalSlot& slot) { return slot.instance == nullptr; });
    if (app.record.removing && empty && FinishRemoval(&app)) {
      place = apps_.erase(place);
    } else {
      ++place;
    }
  }
  if (now >= next_tidying_) Tidy(now);
}

void LocalSupervisor::StepApp(LocalApp* app, absl::Time now) {
  bool all_up = true;
  for (LocalSlot& slot : app->slots) {
    StepSlot(app, &slot, now);
    all_up = all_up && slot.instance != nullptr &&
             IsUp(*slot.instance, app->deployed());
  }
  if (all_up && !app->deployed() && !app->record.removing) {
    app->record.deployed_time = now;
    // It is only told wrongly after a restart when this fails.
    SaveRecord(app).IgnoreError();
  }
}

void LocalSupervisor::StepSlot(LocalApp* app, LocalSlot* slot, absl::Time now) {
  if (slot->instance != nullptr) {
    StepInstance(app, slot, now);
  } else if (!app->record.removing && slot->permanent_failure.empty() &&
             slot->next_launch <= now) {
    Launch(app, slot, now);
  }
}

void LocalSupervisor::StepInstance(LocalApp* app, LocalSlot* slot,
                                   absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (app->record.removing && !instance->stop.has_value()) {
    Stop(instance, "", now);
  }
  if (instance->phase == InstancePhase::kStaging) return;
  if (instance->shim.has_value() ? instance->shim->Ended()
                                 : !instance->orphaned) {
    TakeShimEnd(app, slot, now);
  } else if (instance->orphaned) {
    TakeOrphanEnd(app, slot, now);
  }
  if (slot->instance == nullptr) return;
  if (instance->phase == InstancePhase::kStarting && !instance->lost) {
    EnterRunning(instance, now);
  }
  if (instance->phase == InstancePhase::kRunning &&
      instance->checks->Step(now, ActionsFor(*app, *slot))) {
    Stop(instance, instance->checks->kill_reason(), now);
  }
  StepStop(instance, now);
}

absl::Time LocalSupervisor::NextTime(absl::Time now) const {
  absl::Time next = next_tidying_;
  for (const auto& [service, app] : apps_) {
    for (const LocalSlot& slot : app.slots) {
      const LocalInstance* const instance = slot.instance.get();
      if (instance == nullptr) {
        if (slot.permanent_failure.empty()) {
          next = std::min(next, slot.next_launch);
        }
        continue;
      }
      const bool sweeping =
          instance->orphaned && (!instance->task_handle.has_value() ||
                                 instance->task_handle->Ended());
      if (instance->phase == InstancePhase::kStarting || sweeping) {
        next = std::min(next, now + kLookInterval);
      }
      if (instance->phase == InstancePhase::kRunning) {
        next = std::min(next, instance->checks->NextTime());
      }
      if (instance->stop.has_value() &&
          instance->phase != InstancePhase::kStaging) {
        next = std::min(next, instance->stop->next_escalation);
      }
    }
  }
  return next;
}

std::vector<int> LocalSupervisor::Descriptors() const {
  std::vector<int> descriptors;
  for (const auto& [service, app] : apps_) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      const LocalInstance& instance = *slot.instance;
      if (instance.shim.has_value() && !instance.shim->Ended()) {
        descriptors.push_back(instance.shim->descriptor());
      }
      if (instance.orphaned && instance.task_handle.has_value() &&
          !instance.task_handle->Ended()) {
        descriptors.push_back(instance.task_handle->descriptor());
      }
      if (!instance.checks.has_value()) continue;
      for (const int descriptor : instance.checks->Descriptors()) {
        descriptors.push_back(descriptor);
      }
    }
  }
  return descriptors;
}

void LocalSupervisor::Tidy(absl::Time now) {
  next_tidying_ = now + kTidyInterval;
  for (auto& [service, app] : apps_) {
    DropOldEnded(&app.ended, now);
    for (LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      slot.instance->logs->standard_output.RotateIfLarge();
      slot.instance->logs->standard_error.RotateIfLarge();
    }
  }
  for (auto place = departed_.begin(); place != departed_.end();) {
    DropOldEnded(&place->second, now);
    place = place->second.empty() ? departed_.erase(place) : std::next(place);
  }
}

// --- Launching.

LocalInstance LocalSupervisor::MakeInstance(const LocalApp& app,
                                            InstanceRecord record,
                                            const std::string& directory,
                                            absl::Time now) const {
  LocalInstance instance;
  instance.plan.app = app.app;
  instance.plan.artifacts = app.record.artifacts;
  instance.plan.record = std::move(record);
  instance.plan.user = app.user;
  instance.plan.app_version = absl::FormatTime(
      "%Y-%m-%d%ET%H:%M:%E3SZ", app.record.create_time, absl::UTCTimeZone());
  instance.plan.directory = directory;
  instance.plan.volume_directory =
      VolumeDirectory(config_, app.record.service, instance.plan.record.slot);
  instance.plan.progress = std::make_shared<FetchProgress>();
  instance.phase_time = now;
  instance.logs = std::make_shared<InstanceLogs>(directory, config_.log_bytes,
                                                 config_.log_files);
  return instance;
}

std::string LocalSupervisor::SecurePorts(LocalApp* app, LocalSlot* slot) {
  bool moved = false;
  for (size_t i = 0; i < slot->ports.size(); ++i) {
    const std::string& protocol = app->app->port_definitions[i].protocol;
    if (ProbePort(slot->ports[i], protocol) == PortProbe::kFree) continue;
    const int port = slot->ports[i];
    if (IsFixed(*app->app, i)) {
      return absl::StrCat("port ", port, " is held ", DescribeStranger(port));
    }
    const absl::StatusOr<int> other =
        ports_.BookDynamic(app->record.service, protocol);
    if (!other.ok()) return std::string(other.status().message());
    ports_.Release(port);
    slot->ports[i] = *other;
    moved = true;
  }
  if (!moved) return "";
  app->record.ports[static_cast<size_t>(slot->index)] = slot->ports;
  return std::string(SaveRecord(app).message());
}

Resources LocalSupervisor::Used() const {
  Resources used;
  for (const auto& [service, app] : apps_) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      used.cpus += app.app->cpus;
      used.mem += app.app->mem;
    }
  }
  return used;
}

void LocalSupervisor::Launch(LocalApp* app, LocalSlot* slot, absl::Time now) {
  std::string obstacle =
      DescribeShortage({app->app->cpus, app->app->mem}, Used(), capacity_);
  if (obstacle.empty()) obstacle = SecurePorts(app, slot);
  if (!obstacle.empty()) {
    if (slot->obstacle.empty()) slot->obstacle_since = now;
    slot->obstacle = obstacle;
    slot->next_launch = now + kObstacleInterval;
    return;
  }
  slot->obstacle.clear();
  InstanceRecord record;
  record.id = MakeInstanceId(app->app->id);
  record.task_id = absl::StrCat(record.id, "._app.1");
  record.service = app->record.service;
  record.app_id = app->app->id;
  record.slot = slot->index;
  record.ports = slot->ports;
  record.boot_id = BootId();
  record.launch_time = now;
  if (!config_.cgroup.empty()) {
    record.cgroup = absl::StrCat(config_.cgroup, "/", record.id);
  }
  const std::string directory =
      absl::StrCat(InstancesDirectory(), "/", record.id);
  slot->instance = std::make_unique<LocalInstance>(
      MakeInstance(*app, std::move(record), directory, now));
  workers_->Submit([this, plan = slot->instance->plan,
                    service = app->record.service, index = slot->index] {
    LaunchOutcome outcome;
    outcome.service = service;
    outcome.slot = index;
    outcome.instance_id = plan.record.id;
    absl::Status prepared = PrepareSandbox(plan, config_, fetcher_);
    if (prepared.ok() && plan.progress->cancelled) {
      prepared = absl::CancelledError("it is not wanted any more");
    }
    if (prepared.ok()) {
      outcome.shim = StartShim(plan, TaskSpec(plan, config_), config_);
    } else {
      outcome.shim = prepared;
    }
    {
      const MutexLock lock(&inbox_mutex_);
      launch_outcomes_.push_back(std::move(outcome));
    }
    Wake();
  });
}

void LocalSupervisor::TakeLaunchOutcomes(absl::Time now) {
  std::vector<LaunchOutcome> outcomes;
  {
    const MutexLock lock(&inbox_mutex_);
    outcomes.swap(launch_outcomes_);
  }
  for (LaunchOutcome& outcome : outcomes) {
    LocalApp* const app = FindApp(outcome.service);
    LocalSlot* const slot =
        app == nullptr ? nullptr
                       : FindSlot(app, outcome.slot, outcome.instance_id);
    if (slot == nullptr) continue;
    if (!outcome.shim.ok()) {
      NoteLaunchFailure(slot, outcome.shim.status(), now);
      continue;
    }
    LocalInstance* const instance = slot->instance.get();
    instance->shim_pid = outcome.shim->pid;
    instance->shim = std::move(outcome.shim->handle);
    instance->phase = InstancePhase::kStarting;
    instance->phase_time = now;
  }
}

void LocalSupervisor::NoteLaunchFailure(LocalSlot* slot,
                                        const absl::Status& fault,
                                        absl::Time now) {
  const bool unwanted = slot->instance->stop.has_value();
  // Nothing of it ran, so nothing of it is worth keeping.
  RemoveTree(slot->instance->plan.directory).IgnoreError();
  slot->instance.reset();
  if (unwanted) return;
  slot->last_end = std::string(fault.message());
  if (absl::IsDataLoss(fault) || absl::IsInvalidArgument(fault)) {
    slot->permanent_failure = slot->last_end;
    return;
  }
  slot->next_launch = now + slot->backoff.Fail(now);
  if (absl::IsResourceExhausted(fault)) {
    slot->obstacle = slot->last_end;
    slot->obstacle_since = now;
  }
}

void LocalSupervisor::EnterRunning(LocalInstance* instance, absl::Time now) {
  instance->task = ReadTaskIdentity(instance->plan.directory);
  if (!instance->task.has_value()) return;
  instance->checks.emplace(*instance->plan.app, instance->record().ports,
                           config_.advertised_host, instance->task->time);
  instance->phase = instance->stop.has_value() ? InstancePhase::kKilling
                                               : InstancePhase::kRunning;
  instance->phase_time = now;
}

// --- Checks.

void LocalSupervisor::TakeProbeResults(absl::Time now) {
  std::vector<std::pair<uint64_t, ProbeResult>> results;
  {
    const MutexLock lock(&inbox_mutex_);
    results.swap(probe_results_);
  }
  for (auto& [key, result] : results) {
    const auto place = probes_.find(key);
    if (place == probes_.end()) continue;
    const ProbeTarget target = std::move(place->second);
    probes_.erase(place);
    LocalApp* const app = FindApp(target.service);
    LocalSlot* const slot =
        app == nullptr ? nullptr
                       : FindSlot(app, target.slot, target.instance_id);
    if (slot == nullptr || slot->instance->phase != InstancePhase::kRunning) {
      continue;
    }
    LocalInstance* const instance = slot->instance.get();
    const auto stranger = [this, instance](int port) {
      return StrangerOn(*instance, port);
    };
    if (instance->checks->Note(key, std::move(result), now, stranger)) {
      Stop(instance, instance->checks->kill_reason(), now);
    }
  }
}

CheckActions LocalSupervisor::ActionsFor(const LocalApp& app,
                                         const LocalSlot& slot) {
  CheckActions actions;
  const ProbeTarget target = {app.record.service, slot.index,
                              slot.instance->record().id};
  // Called back while the lock is held.
  actions.next_key = [this]()
                         ABSL_NO_THREAD_SAFETY_ANALYSIS { return next_key_++; };
  actions.probe = [this, target](NetworkProbe probe)
                      ABSL_NO_THREAD_SAFETY_ANALYSIS {
                        probes_.emplace(probe.key, target);
                        prober_->Start(std::move(probe));
                      };
  actions.run =
      [this, instance = slot.instance.get()](
          const AppHealthCheck& check) -> std::optional<ProcessHandle> {
    LaunchSpec spec = TaskSpec(instance->plan, config_);
    spec.arguments = {"/bin/sh", "-c", check.command.value_or("")};
    spec.grace_milliseconds =
        static_cast<uint32_t>(absl::ToInt64Milliseconds(check.timeout));
    absl::StatusOr<ProcessHandle> handle = StartCheck(spec, config_);
    if (!handle.ok()) return std::nullopt;
    return *std::move(handle);
  };
  return actions;
}

std::string LocalSupervisor::StrangerOn(const LocalInstance& instance,
                                        int port) const {
  const std::vector<int>& ports = instance.record().ports;
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) return "";
  const std::vector<ListeningSocket> sockets = Listeners(port);
  // It answered, so an empty table means that it cannot be read.
  if (sockets.empty() || !instance.task.has_value()) return "";
  const pid_t task = instance.task->identity.pid;
  if (HoldsSocket(task, sockets)) return "";
  for (const ProcessStat& process : Descendants(
           ListProcesses(), instance.orphaned ? task : instance.shim_pid)) {
    if (HoldsSocket(process.pid, sockets)) return "";
  }
  return DescribeStranger(port);
}

// --- Ending.

void LocalSupervisor::Stop(LocalInstance* instance, const std::string& reason,
                           absl::Time now) {
  if (instance->stop.has_value()) return;
  instance->stop = StopOrder{now, reason, 0, now};
  instance->plan.progress->cancelled = true;
  if (instance->phase == InstancePhase::kRunning) {
    instance->phase = InstancePhase::kKilling;
    instance->phase_time = now;
  }
}

void LocalSupervisor::StepStop(LocalInstance* instance, absl::Time now) {
  if (!instance->stop.has_value() || now < instance->stop->next_escalation) {
    return;
  }
  EscalateStop(instance, now);
}

void LocalSupervisor::TakeShimEnd(LocalApp* app, LocalSlot* slot,
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
      RemoveTree(instance->plan.directory).IgnoreError();
      slot->instance.reset();
      return;
    case InstanceCondition::kOrphaned:
      if (!instance->checks.has_value()) EnterRunning(instance, now);
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

void LocalSupervisor::TakeOrphanEnd(LocalApp* app, LocalSlot* slot,
                                    absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (instance->task_handle.has_value()) {
    if (!instance->task_handle->Ended()) return;
    instance->task_handle->Reap();
  }
  if (KillRelatives(*instance) > 0) return;
  NoteEnd(app, slot, DescribeLoss(*instance, now), now);
}

void LocalSupervisor::NoteEnd(LocalApp* app, LocalSlot* slot,
                              EndedInstance ended, absl::Time now) {
  const LocalInstance& instance = *slot->instance;
  const bool wanted =
      instance.stop.has_value() && instance.stop->reason.empty();
  WriteEnd(ended);
  RemoveFetched(ended.directory);
  if (!ended.record.cgroup.empty()) rmdir(ended.record.cgroup.c_str());
  app->stopped_tasks.push_back(ended.record.task_id);
  if (!wanted) {
    slot->last_end = DescribeFailure(ended);
    slot->next_launch = now + slot->backoff.Fail(now);
  }
  slot->last_ended = ended;
  slot->instance.reset();
  app->ended.push_back(std::move(ended));
  DropOldEnded(&app->ended, now);
}

void LocalSupervisor::DropOldEnded(std::deque<EndedInstance>* ended,
                                   absl::Time now) {
  while (!ended->empty() &&
         (static_cast<int>(ended->size()) > config_.keep_finished ||
          now - ended->front().end_time > config_.keep_finished_for)) {
    const std::string directory = ended->front().directory;
    ended->pop_front();
    if (workers_ == nullptr) {
      RemoveTree(directory).IgnoreError();
    } else {
      workers_->Submit([directory] { RemoveTree(directory).IgnoreError(); });
    }
  }
}

bool LocalSupervisor::FinishRemoval(LocalApp* app) {
  const std::string& service = app->record.service;
  // While the record is there, a restart begins the removal again.
  absl::Status gone = RemoveTree(app->directory);
  if (gone.ok()) gone = SyncDirectory(AppsDirectory());
  app->record_fault = std::string(gone.message());
  if (!gone.ok()) return false;
  ports_.ReleaseAll(service);
  receipts_[service] = MakeReceipt(*app, config_);
  if (!app->ended.empty()) departed_[service] = std::move(app->ended);
  return true;
}

absl::Status LocalSupervisor::SaveRecord(LocalApp* app) {
  absl::Status saved = WriteDurably(absl::StrCat(app->directory, "/app.json"),
                                    EncodeAppRecord(app->record));
  app->record_fault = std::string(saved.message());
  return saved;
}

// --- Adoption.

absl::Status LocalSupervisor::LoadApp(const std::string& directory) {
  absl::StatusOr<LocalApp> app = ReadApp(directory, config_);
  // Its folder was made and its record was not: Add had not returned.
  if (absl::IsNotFound(app.status())) return RemoveTree(directory);
  if (!app.ok()) return app.status();
  const std::string service = app->record.service;
  for (const LocalSlot& slot : app->slots) {
    for (const int port : slot.ports) ports_.Book(port, service);
  }
  apps_.emplace(service, *std::move(app));
  return absl::OkStatus();
}

void LocalSupervisor::AdoptInstance(const std::string& directory,
                                    absl::Time now) {
  const InstanceInspection found = InspectInstance(directory, BootId());
  const bool refused_to_start =
      found.exit.has_value() && !found.exit->started && !found.task.has_value();
  if (!found.record.has_value() || refused_to_start ||
      found.condition == InstanceCondition::kNeverStarted) {
    RemoveTree(directory).IgnoreError();
    return;
  }
  LocalApp* const app = FindApp(found.record->service);
  const auto slot_index = static_cast<size_t>(found.record->slot);
  if (std::optional<EndedInstance> ended = ReadEnd(directory, *found.record);
      ended.has_value()) {
    ended->logs = std::make_shared<InstanceLogs>(directory, config_.log_bytes,
                                                 config_.log_files);
    InsertEnded(*std::move(ended), app != nullptr
                                       ? &app->ended
                                       : &departed_[found.record->service]);
    return;
  }
  if (app == nullptr || slot_index >= app->slots.size() ||
      app->slots[slot_index].instance != nullptr) {
    StopStray(found);
    strays_.push_back(directory);
    return;
  }
  LocalSlot* const slot = &app->slots[slot_index];
  slot->instance = std::make_unique<LocalInstance>(
      MakeInstance(*app, *found.record, directory, now));
  LocalInstance* const instance = slot->instance.get();
  instance->phase = InstancePhase::kStarting;
  instance->adopted = true;
  if (found.shim.has_value()) instance->shim_pid = found.shim->identity.pid;
  switch (found.condition) {
    case InstanceCondition::kOtherBoot:
      // Nothing failed: it is launched again at once.
      instance->stop = StopOrder{now, "", 0, now};
      NoteEnd(app, slot, DescribeReboot(*instance, now), now);
      break;
    case InstanceCondition::kExited:
      NoteEnd(app, slot, DescribeExit(*instance, *found.exit), now);
      break;
    case InstanceCondition::kSupervised:
      instance->shim = ProcessHandle::Open(found.shim->identity);
      EnterRunning(instance, now);
      break;
    case InstanceCondition::kOrphaned:
      instance->orphaned = true;
      instance->task_handle = ProcessHandle::Open(found.task->identity);
      EnterRunning(instance, now);
      break;
    case InstanceCondition::kLost:
      instance->orphaned = true;
      instance->lost = true;
      break;
    default:
      // kStarting: the loop looks again until the shim has said who it is.
      break;
  }
}

LocalApp* LocalSupervisor::FindApp(absl::string_view service) {
  const auto place = apps_.find(std::string(service));
  return place == apps_.end() ? nullptr : &place->second;
}

LocalSlot* LocalSupervisor::FindSlot(LocalApp* app, int slot,
                                     absl::string_view instance_id) {
  const auto index = static_cast<size_t>(slot);
  if (index >= app->slots.size()) return nullptr;
  LocalSlot& found = app->slots[index];
  return found.instance != nullptr && found.instance->record().id == instance_id
             ? &found
             : nullptr;
}

}  // namespace orrery::catalog
