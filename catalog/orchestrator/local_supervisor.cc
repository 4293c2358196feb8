#include "catalog/orchestrator/local_supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/app_folder.h"
#include "catalog/orchestrator/app_status.h"
#include "catalog/orchestrator/disk_usage.h"
#include "catalog/orchestrator/instance_end.h"
#include "catalog/orchestrator/instance_stop.h"
#include "catalog/orchestrator/local_adoption.h"
#include "catalog/orchestrator/local_instance.h"
#include "catalog/orchestrator/local_waits.h"
#include "catalog/orchestrator/port_owner.h"
#include "registry/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::MakeDirectory;
using registry::RemoveTree;
using registry::SyncDirectory;
using registry::WriteDurably;

// A launch that a shortage or a stranger's port holds up is tried this often,
constexpr absl::Duration kObstacleInterval = absl::Seconds(1);
// and one for which the disk has no room, which is more work.
constexpr absl::Duration kDiskInterval = absl::Seconds(5);
// Many events that come together are taken in one turn of the loop.
constexpr int kTurnMilliseconds = 2;
constexpr absl::Duration kTidyInterval = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Minutes(1);
// Later ones are told from what is on the disk.
constexpr size_t kKeptReceipts = 1000;

absl::Status SaveRecord(const AppRecord& record, const std::string& directory) {
  return WriteDurably(absl::StrCat(directory, "/app.json"),
                      EncodeAppRecord(record));
}

}  // namespace

LocalSupervisor::LocalSupervisor(const LocalConfig* config,
                                 ArtifactFetcher* fetcher)
    : config_(*config),
      fetcher_(fetcher),
      capacity_(CapacityOf(*config, DetectHost())),
      wake_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      state_(*config) {}

LocalSupervisor::~LocalSupervisor() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
    for (auto& [service, app] : state_.apps) {
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
  if (clerk_ != nullptr) clerk_->Finish();
  clerk_.reset();
  prober_.reset();
  close(wake_descriptor_);
}

absl::Status LocalSupervisor::Start() {
  prober_ = std::make_unique<NetworkProber>(
      [this](uint64_t key, const ProbeResult& result) {
        {
          const MutexLock lock(&inbox_mutex_);
          probe_results_.emplace_back(key, result);
        }
        Wake();
      });
  workers_ = std::make_unique<WorkerPool>(config_.launch_threads);
  clerk_ = std::make_unique<WorkerPool>(1);
  {
    const MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    ORRERY_RETURN_IF_ERROR(LoadState(config_, now, &state_));
    Tidy(now);
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

// --- What callers ask for.

absl::Status LocalSupervisor::CheckRoom(const NewApp& app) {
  {
    const MutexLock lock(&mutex_);
    ORRERY_RETURN_IF_ERROR(CheckLedger(state_, app));
  }
  return CheckStrangers(app);
}

std::string LocalSupervisor::Shortage(const MarathonApp& app) const {
  const auto instances = static_cast<double>(app.instances);
  const MutexLock lock(&mutex_);
  return DescribeShortage({app.cpus * instances, app.mem * instances},
                          UsedResources(state_), capacity_);
}

absl::Status LocalSupervisor::Add(NewApp added) {
  ORRERY_RETURN_IF_ERROR(CheckRoom(added));
  const std::string service = added.request.service;
  LocalApp app;
  app.app = added.app;
  app.user = added.user;
  app.directory =
      absl::StrCat(AppsDirectory(config_), "/", ServiceFileName(service));
  app.record.service = service;
  app.record.manifest = added.request.manifest;
  app.record.artifacts = added.request.artifacts;
  app.record.create_time = absl::Now();
  {
    const MutexLock lock(&mutex_);
    // Of two that came this far together the ledger lets one pass.
    ORRERY_RETURN_IF_ERROR(CheckLedger(state_, added));
    ORRERY_ASSIGN_OR_RETURN(app.record.ports, BookPorts(added, &state_.ports));
    state_.arriving.emplace(service, added.app->id);
  }
  absl::Status saved = MakeDirectory(app.directory, 0700);
  if (saved.ok()) saved = SaveRecord(app.record, app.directory);
  if (saved.ok()) saved = SyncDirectory(AppsDirectory(config_));
  // The folder is gone or empty of a record, so nothing is left behind.
  if (!saved.ok()) RemoveTree(app.directory).IgnoreError();
  app.slots = MakeSlots(app);

  const MutexLock lock(&mutex_);
  state_.arriving.erase(service);
  if (!saved.ok()) {
    state_.ports.ReleaseAll(service);
    return saved;
  }
  if (const auto place = state_.departed.find(service);
      place != state_.departed.end()) {
    app.ended = std::move(place->second);
    state_.departed.erase(place);
  }
  state_.receipts.erase(service);
  state_.apps.emplace(service, std::move(app));
  Wake();
  return absl::OkStatus();
}

absl::Status LocalSupervisor::Remove(absl::string_view service) {
  bool readable = true;
  {
    const MutexLock lock(&mutex_);
    ORRERY_ASSIGN_OR_RETURN(LocalApp* const app, FindApp(&state_, service));
    if (app->record.removing) return absl::OkStatus();
    readable = !app->record.manifest.empty();
    // Whoever asked asks again after a restart.
    if (!readable) app->record.removing = true;
  }
  if (readable) {
    ORRERY_RETURN_IF_ERROR(
        ChangeRecord(std::string(service),
                     [](AppRecord* record) { record->removing = true; }));
  }
  Wake();
  return absl::OkStatus();
}

absl::StatusOr<AppStatus> LocalSupervisor::Observe(absl::string_view service) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app, FindApp(&state_, service));
  return DescribeApp(*app, config_.advertised_host, config_.deployment_deadline,
                     absl::Now());
}

absl::StatusOr<RemovalReceipt> LocalSupervisor::Receipt(
    absl::string_view service) {
  const MutexLock lock(&mutex_);
  if (const auto app = FindApp(&state_, service); app.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("service '", service,
                     (*app)->record.removing ? "' is still being removed"
                                             : "' is not being removed"));
  }
  const auto place = state_.receipts.find(service);
  if (place != state_.receipts.end()) return place->second;
  const auto ended = state_.departed.find(service);
  return LeftBehind(config_, service,
                    ended == state_.departed.end() ? std::deque<EndedInstance>()
                                                   : ended->second);
}

absl::StatusOr<std::vector<TaskLogs>> LocalSupervisor::Logs(
    absl::string_view service, absl::string_view task) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app, FindApp(&state_, service));
  return LogsOf(*app, task);
}

std::vector<std::string> LocalSupervisor::Strays() const {
  const MutexLock lock(&mutex_);
  return state_.strays;
}

Mutex* LocalSupervisor::RecordMutex(const std::string& service) {
  return &record_mutexes_[std::hash<std::string>()(service) %
                          record_mutexes_.size()];
}

absl::Status LocalSupervisor::ChangeRecord(
    const std::string& service, const std::function<void(AppRecord*)>& change) {
  const MutexLock record_lock(RecordMutex(service));
  AppRecord record;
  std::string directory;
  {
    const MutexLock lock(&mutex_);
    ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app,
                            FindApp(&state_, service));
    record = app->record;
    directory = app->directory;
  }
  change(&record);
  absl::Status saved = SaveRecord(record, directory);
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(LocalApp* const app, FindApp(&state_, service));
  app->record_fault = std::string(saved.message());
  if (saved.ok()) change(&app->record);
  return saved;
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
    const std::vector<JudgedProbe> probes = JudgeProbes();
    {
      const MutexLock lock(&mutex_);
      if (stopping_) return;
      const absl::Time now = absl::Now();
      TakeLaunchOutcomes(now);
      TakeProbes(probes, now);
      Step(now);
      for (const int descriptor : WatchedDescriptors(state_)) {
        entries.push_back({descriptor, POLLIN, 0});
      }
      const absl::Time next = std::min(next_tidying_, NextLook(state_, now));
      wait = std::clamp(next - absl::Now(), absl::ZeroDuration(), kLongestWait);
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
  processes_ = HostProcesses();
  for (auto& [service, app] : state_.apps) {
    if (app.departing) continue;
    StepApp(&app, now);
    const bool empty = std::all_of(
        app.slots.begin(), app.slots.end(),
        [](const LocalSlot& slot) { return slot.instance == nullptr; });
    if (app.record.removing && empty) {
      app.departing = true;
      workers_->Submit([this, name = service] { FinishRemoval(name); });
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
  if (!all_up || app->deployed() || app->record.removing ||
      !app->problem.empty()) {
    return;
  }
  app->record.deployed_time = now;
  clerk_->Submit(
      [directory = app->directory, now] { WriteDeployedTime(directory, now); });
}

void LocalSupervisor::StepSlot(LocalApp* app, LocalSlot* slot, absl::Time now) {
  if (slot->instance != nullptr) {
    StepInstance(app, slot, now);
  } else if (IsToBeLaunched(*app, *slot) && slot->next_launch <= now) {
    Launch(app, slot, now);
  }
}

void LocalSupervisor::StepInstance(LocalApp* app, LocalSlot* slot,
                                   absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (app->record.removing) OrderStop("", now, instance);
  if (instance->phase == InstancePhase::kStaging) return;
  if (instance->shim.has_value() ? instance->shim->Ended()
                                 : !instance->orphaned) {
    TakeShimEnd(app, slot, now);
  } else if (instance->orphaned) {
    TakeOrphanEnd(app, slot, now);
  }
  if (slot->instance == nullptr) return;
  if (instance->phase == InstancePhase::kStarting && !instance->lost) {
    EnterRunning(config_, now, instance);
  }
  if (instance->phase == InstancePhase::kRunning &&
      instance->checks->Step(now, ActionsFor(*app, *slot))) {
    OrderStop(instance->checks->kill_reason(), now, instance);
  }
  if (instance->stop.has_value() && now >= instance->stop->next_escalation) {
    EscalateStop(instance, now, &processes_);
  }
}

void LocalSupervisor::Tidy(absl::Time now) {
  next_tidying_ = now + kTidyInterval;
  std::vector<std::shared_ptr<InstanceLogs>> logs;
  for (auto& [service, app] : state_.apps) {
    DropOldEnded(&app.ended, now);
    for (LocalSlot& slot : app.slots) {
      if (slot.instance != nullptr) logs.push_back(slot.instance->logs);
    }
  }
  for (auto place = state_.departed.begin(); place != state_.departed.end();) {
    DropOldEnded(&place->second, now);
    place =
        place->second.empty() ? state_.departed.erase(place) : std::next(place);
  }
  if (now >= next_measuring_) {
    next_measuring_ = now + config_.disk_interval;
    MeasureDisk();
  }
  if (logs.empty()) return;
  clerk_->Submit([logs = std::move(logs)] {
    for (const std::shared_ptr<InstanceLogs>& of_instance : logs) {
      of_instance->standard_output.RotateIfLarge();
      of_instance->standard_error.RotateIfLarge();
    }
  });
}

void LocalSupervisor::MeasureDisk() {
  struct Measured {
    std::string directory;
    std::string volumes;
    std::shared_ptr<std::atomic<int64_t>> bytes;
  };
  std::vector<Measured> instances;
  for (const auto& [service, app] : state_.apps) {
    for (const LocalSlot& slot : app.slots) {
      if (slot.instance == nullptr) continue;
      const LaunchPlan& plan = slot.instance->plan;
      instances.push_back(
          {plan.directory, plan.volume_directory, slot.instance->disk_bytes});
    }
  }
  // A slow disk must not make them queue.
  if (instances.empty() || measuring_.exchange(true)) return;
  workers_->Submit([this, instances = std::move(instances)] {
    for (const Measured& instance : instances) {
      *instance.bytes =
          DiskUsage(instance.directory) + DiskUsage(instance.volumes);
    }
    measuring_ = false;
  });
}

// --- Launching.

void LocalSupervisor::Launch(LocalApp* app, LocalSlot* slot, absl::Time now) {
  const std::string shortage = DescribeShortage(
      {app->app->cpus, app->app->mem}, UsedResources(state_), capacity_);
  if (!shortage.empty()) {
    NoteObstacle(shortage, kObstacleInterval, now, slot);
    return;
  }
  InstanceRecord record = NewInstanceRecord(*app, *slot, config_, now);
  const std::string directory =
      absl::StrCat(InstancesDirectory(config_), "/", record.id);
  slot->instance = std::make_unique<LocalInstance>(
      MakeInstance(*app, std::move(record), directory, config_, now));
  workers_->Submit([this, plan = slot->instance->plan] {
    LaunchOutcome outcome = RunLaunch(plan);
    {
      const MutexLock lock(&inbox_mutex_);
      launch_outcomes_.push_back(std::move(outcome));
    }
    Wake();
  });
}

LocalSupervisor::LaunchOutcome LocalSupervisor::RunLaunch(LaunchPlan plan) {
  LaunchOutcome outcome;
  outcome.service = plan.record.service;
  outcome.slot = plan.record.slot;
  outcome.instance_id = plan.record.id;
  absl::StatusOr<std::vector<int>> ports = SecurePorts(plan);
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
  if (!outcome.shim.ok()) RemoveTree(plan.directory).IgnoreError();
  return outcome;
}

absl::StatusOr<std::vector<int>> LocalSupervisor::SecurePorts(
    const LaunchPlan& plan) {
  const std::string& service = plan.record.service;
  std::vector<int> ports = plan.record.ports;
  absl::Status secured;
  for (size_t i = 0; i < ports.size() && secured.ok(); ++i) {
    const std::string& protocol = plan.app->port_definitions[i].protocol;
    if (ProbePort(ports[i], protocol) == PortProbe::kFree) continue;
    if (IsFixedPort(*plan.app, i)) {
      secured = absl::FailedPreconditionError(absl::StrCat(
          "port ", ports[i], " is held ", DescribeStranger(ports[i])));
      break;
    }
    const MutexLock lock(&mutex_);
    const absl::StatusOr<int> other =
        state_.ports.BookDynamic(service, protocol);
    if (other.ok()) ports[i] = *other;
    secured = other.status();
  }
  if (secured.ok() && ports != plan.record.ports) {
    secured = ChangeRecord(
        service, [&ports, slot = static_cast<size_t>(plan.record.slot)](
                     AppRecord* record) { record->ports[slot] = ports; });
  }
  const MutexLock lock(&mutex_);
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i] == plan.record.ports[i]) continue;
    state_.ports.Release(secured.ok() ? plan.record.ports[i] : ports[i]);
  }
  if (!secured.ok()) return secured;
  return ports;
}

void LocalSupervisor::TakeLaunchOutcomes(absl::Time now) {
  std::vector<LaunchOutcome> outcomes;
  {
    const MutexLock lock(&inbox_mutex_);
    outcomes.swap(launch_outcomes_);
  }
  for (LaunchOutcome& outcome : outcomes) {
    LocalSlot* const slot =
        FindSlot(&state_, outcome.service, outcome.slot, outcome.instance_id);
    if (slot == nullptr) continue;
    if (!outcome.obstacle.empty()) {
      slot->instance.reset();
      NoteObstacle(outcome.obstacle, kObstacleInterval, now, slot);
      continue;
    }
    slot->ports = outcome.ports;
    if (!outcome.shim.ok()) {
      NoteLaunchFailure(slot, outcome.shim.status(), now);
      continue;
    }
    slot->obstacle.clear();
    LocalInstance* const instance = slot->instance.get();
    instance->plan.record.ports = outcome.ports;
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

// --- Checks.

std::vector<LocalSupervisor::JudgedProbe> LocalSupervisor::JudgeProbes() {
  std::vector<std::pair<uint64_t, ProbeResult>> results;
  {
    const MutexLock lock(&inbox_mutex_);
    results.swap(probe_results_);
  }
  std::vector<JudgedProbe> judged;
  {
    const MutexLock lock(&mutex_);
    for (auto& [key, result] : results) {
      auto node = probes_.extract(key);
      if (node.empty()) continue;
      judged.push_back({key, std::move(node.mapped()), std::move(result), ""});
    }
  }
  PortOwners owners;
  for (JudgedProbe& probe : judged) {
    if (probe.result.verdict != ProbeVerdict::kPass || probe.target.port == 0) {
      continue;
    }
    probe.stranger = owners.Stranger(probe.target.port, probe.target.root);
  }
  return judged;
}

void LocalSupervisor::TakeProbes(const std::vector<JudgedProbe>& probes,
                                 absl::Time now) {
  for (const JudgedProbe& probe : probes) {
    LocalSlot* const slot =
        FindSlot(&state_, probe.target.service, probe.target.slot,
                 probe.target.instance_id);
    if (slot == nullptr || slot->instance->phase != InstancePhase::kRunning) {
      continue;
    }
    LocalInstance* const instance = slot->instance.get();
    if (instance->checks->Note(probe.key, probe.result, now, probe.stranger)) {
      OrderStop(instance->checks->kill_reason(), now, instance);
    }
  }
}

CheckActions LocalSupervisor::ActionsFor(const LocalApp& app,
                                         const LocalSlot& slot) {
  CheckActions actions;
  // Called back while the lock is held.
  actions.next_key = [this]()
                         ABSL_NO_THREAD_SAFETY_ANALYSIS { return next_key_++; };
  actions.probe = [this, &app,
                   &slot](NetworkProbe probe) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const LocalInstance& instance = *slot.instance;
    const bool own = std::find(slot.ports.begin(), slot.ports.end(),
                               probe.port) != slot.ports.end();
    probes_.emplace(
        probe.key,
        ProbeTarget{app.record.service, slot.index, instance.record().id,
                    own ? probe.port : 0, RootOf(instance)});
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

// --- Ending.

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

void LocalSupervisor::TakeOrphanEnd(LocalApp* app, LocalSlot* slot,
                                    absl::Time now) {
  LocalInstance* const instance = slot->instance.get();
  if (instance->task_handle.has_value()) {
    if (!instance->task_handle->Ended()) return;
    instance->task_handle->Reap();
  }
  if (KillRelatives(*instance, &processes_) > 0) return;
  NoteEnd(app, slot, DescribeLoss(*instance, now), now);
}

void LocalSupervisor::NoteEnd(LocalApp* app, LocalSlot* slot,
                              EndedInstance ended, absl::Time now) {
  const bool wanted =
      slot->instance->stop.has_value() && slot->instance->stop->reason.empty();
  slot->instance.reset();
  if (wanted) {
    app->stopped_tasks.push_back(ended.record.task_id);
  } else {
    NoteFailure(DescribeFailure(ended), now, slot);
  }
  slot->last_ended = ended;
  clerk_->Submit([ended] {
    WriteEnd(ended);
    RemoveFetched(ended.directory);
    if (!ended.record.cgroup.empty()) rmdir(ended.record.cgroup.c_str());
  });
  app->ended.push_back(std::move(ended));
  DropOldEnded(&app->ended, now);
}

void LocalSupervisor::DropOldEnded(std::deque<EndedInstance>* ended,
                                   absl::Time now) {
  while (!ended->empty() &&
         (static_cast<int>(ended->size()) > config_.keep_finished ||
          now - ended->front().end_time > config_.keep_finished_for)) {
    clerk_->Submit([directory = ended->front().directory] {
      RemoveTree(directory).IgnoreError();
    });
    ended->pop_front();
  }
}

void LocalSupervisor::FinishRemoval(const std::string& service) {
  const MutexLock record_lock(RecordMutex(service));
  std::string directory;
  {
    const MutexLock lock(&mutex_);
    directory = state_.apps.find(service)->second.directory;
  }
  // While the record is there, a restart begins the removal again.
  absl::Status gone = RemoveTree(directory);
  if (gone.ok()) gone = SyncDirectory(AppsDirectory(config_));
  const MutexLock lock(&mutex_);
  const auto place = state_.apps.find(service);
  LocalApp& app = place->second;
  app.record_fault = std::string(gone.message());
  if (!gone.ok()) {
    // It is tried again at the next turn.
    app.departing = false;
    return;
  }
  state_.ports.ReleaseAll(service);
  if (state_.receipts.size() >= kKeptReceipts) {
    state_.receipts.erase(state_.receipts.begin());
  }
  state_.receipts[service] = MakeReceipt(app, config_);
  if (!app.ended.empty()) state_.departed[service] = std::move(app.ended);
  state_.apps.erase(place);
  Wake();
}

}  // namespace orrery::catalog
