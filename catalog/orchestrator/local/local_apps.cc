#include "catalog/orchestrator/local/local_apps.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/orchestrator/local/app_dependencies.h"
#include "catalog/orchestrator/local/app_folder.h"
#include "catalog/orchestrator/local/app_status.h"
#include "catalog/orchestrator/local/local_adoption.h"
#include "catalog/orchestrator/local/local_ports.h"
#include "catalog/orchestrator/local/local_rollout.h"
#include "catalog/orchestrator/update_rules.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

// What is left of `all`, never below nothing.
Resources Rest(const Resources& all, const Resources& taken) {
  return {std::max(0.0, all.cpus - taken.cpus),
          std::max(0.0, all.mem - taken.mem)};
}

using registry::MakeDirectory;
using registry::RemoveTree;
using registry::SyncDirectory;

// Later ones are told from what is on the disk.
constexpr size_t kKeptReceipts = 1000;

// Sizes are not compared: a record of an earlier version has none, and a task
// would notice nothing.
bool AreSameBytes(const std::vector<ArtifactPin>& one,
                  const std::vector<ArtifactPin>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const ArtifactPin& a, const ArtifactPin& b) {
                      return a.uri == b.uri && a.sha256 == b.sha256;
                    });
}

bool IsAsAskedFor(const AppRecord& record, const AppRequest& request) {
  return record.manifest == request.manifest &&
         AreSameBytes(record.artifacts, request.artifacts);
}

absl::Status CheckCircle(const LocalState& state, const MarathonApp& app) {
  if (app.dependencies.empty()) return absl::OkStatus();
  const std::vector<std::string> circle = AppDependencies(state).Circle(app);
  if (circle.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "these apps would wait for each other: ", absl::StrJoin(circle, " -> "),
      "; take one out of `dependencies`"));
}

AppRecord NextGeneration(const AppRecord& running, const AppRequest& request,
                         const std::vector<std::vector<int>>& ports) {
  AppRecord next = running;
  next.manifest = request.manifest;
  next.artifacts = request.artifacts;
  next.generation = running.generation + 1;
  next.valid = {next.generation};
  next.change_time = absl::Now();
  next.ports = ports;
  next.deployed_time.reset();
  return next;
}

// Whether an instance of the one may stay when the app is the other.
bool AreOfOneForm(const AppRecord& one, const AppRecord& other) {
  const size_t instances = std::min(one.ports.size(), other.ports.size());
  return AreSameBytes(one.artifacts, other.artifacts) &&
         std::equal(one.ports.begin(),
                    one.ports.begin() + static_cast<ptrdiff_t>(instances),
                    other.ports.begin()) &&
         DifferOnlyInInstances(one.manifest, other.manifest);
}

// Generations of which instances live.
std::set<int64_t> LivingGenerations(const LocalApp& app) {
  std::set<int64_t> generations = {app.record.generation};
  for (const LocalSlot& slot : app.slots) {
    if (slot.instance == nullptr) continue;
    generations.insert(slot.instance->record().generation);
  }
  return generations;
}

}  // namespace

LocalApps::LocalApps(const LocalConfig* config)
    : config_(*config),
      capacity_(CapacityOf(*config, DetectHost())),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      state_(*config) {}

void LocalApps::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t n = write(wake_.get(), &one, sizeof(one));
}

absl::Status LocalApps::Load(absl::Time now) {
  const MutexLock lock(&mutex_);
  return LoadState(config_, now, &state_);
}

absl::Status LocalApps::CheckRoom(const NewApp& app) {
  {
    const MutexLock lock(&mutex_);
    ORRERY_RETURN_IF_ERROR(CheckLedger(state_, app));
    ORRERY_RETURN_IF_ERROR(CheckCircle(state_, *app.app));
  }
  return CheckStrangers(app);
}

absl::Status LocalApps::CheckRoomForUpdate(const NewApp& app) {
  std::set<int> own;
  {
    const MutexLock lock(&mutex_);
    ORRERY_ASSIGN_OR_RETURN(const LocalApp* const running,
                            FindApp(&state_, app.request.service));
    ORRERY_RETURN_IF_ERROR(CheckLedgerForUpdate(state_.ports, *running, app));
    ORRERY_RETURN_IF_ERROR(CheckCircle(state_, *app.app));
    own = PortsOf(running->record);
  }
  return CheckStrangers(app, own);
}

Resources LocalApps::Free() const {
  Resources free;
  {
    const MutexLock lock(&mutex_);
    free = Rest(capacity_, UsedResources(state_));
  }
  // Others take memory of the host, too.
  const auto available =
      AvailableMem(registry::ReadWholeFile("/proc/meminfo").value_or(""));
  if (available.has_value()) free.mem = std::min(free.mem, *available);
  return free;
}

Resources LocalApps::More(const AppRequest& request,
                          const MarathonApp& app) const {
  const auto instances = static_cast<double>(app.instances);
  const Resources needed = {app.cpus * instances, app.mem * instances};
  const MutexLock lock(&mutex_);
  const auto running = state_.apps.find(request.service);
  if (running == state_.apps.end()) return needed;
  const AppRecord& record = running->second.record;
  const bool replaces =
      !AreSameBytes(request.artifacts, record.artifacts) ||
      !DifferOnlyInInstances(record.manifest, request.manifest);
  Resources more = Rest(needed, UsedResources(running->second));
  if (replaces && !PaceOf(app).stop_start) {
    more = {std::max(more.cpus, app.cpus), std::max(more.mem, app.mem)};
  }
  return more;
}

absl::StatusOr<NewApp> LocalApps::Find(absl::string_view service) const {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app, FindApp(state_, service));
  return NewApp{
      {app->record.service, app->record.manifest, app->record.artifacts},
      app->app,
      app->user};
}

absl::Status LocalApps::Add(NewApp added) {
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
  app.record.run_once = added.request.run_once;
  app.record.create_time = absl::Now();
  app.record.change_time = app.record.create_time;
  {
    const MutexLock lock(&mutex_);
    // Of two that came this far together the ledger lets one pass.
    ORRERY_RETURN_IF_ERROR(CheckLedger(state_, added));
    ORRERY_RETURN_IF_ERROR(CheckCircle(state_, *added.app));
    ORRERY_ASSIGN_OR_RETURN(app.record.ports, BookPorts(added, &state_.ports));
    state_.arriving.emplace(service, added.app);
  }
  absl::Status saved = MakeDirectory(app.directory, 0700);
  if (saved.ok()) saved = SaveAppRecord(app.record, app.directory);
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

absl::Status LocalApps::Update(NewApp updated) {
  const std::string service = updated.request.service;
  ORRERY_RETURN_IF_ERROR(CheckRoomForUpdate(updated));
  {
    const MutexLock record_lock(RecordMutex(service));
    ORRERY_RETURN_IF_ERROR(Replace(updated));
  }
  Wake();
  return absl::OkStatus();
}

absl::Status LocalApps::Replace(const NewApp& updated) {
  const std::string& service = updated.request.service;
  AppRecord running;
  AppRecord next;
  std::string directory;
  std::set<int64_t> living;
  Rebooking rebooking;
  {
    const MutexLock lock(&mutex_);
    ORRERY_ASSIGN_OR_RETURN(LocalApp* const app, FindApp(&state_, service));
    ORRERY_RETURN_IF_ERROR(CheckLedgerForUpdate(state_.ports, *app, updated));
    if (IsAsAskedFor(app->record, updated.request)) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(CheckCircle(state_, *updated.app));
    if (app->record.manifest.empty()) {
      return absl::FailedPreconditionError(app->problem);
    }
    running = app->record;
    ORRERY_ASSIGN_OR_RETURN(rebooking,
                            RebookPorts(updated, *app, &state_.ports));
    next = NextGeneration(running, updated.request, rebooking.ports);
    app->becoming = updated.app;
    directory = app->directory;
    living = LivingGenerations(*app);
  }
  absl::Status saved = SaveEarlierRecord(running, directory);
  // An update that goes back leaves alone what was not replaced yet.
  for (const int64_t generation : living) {
    const auto earlier = ReadEarlierRecord(directory, generation);
    if (earlier.ok() && AreOfOneForm(*earlier, next)) {
      next.valid.insert(generation);
    }
  }
  if (saved.ok()) saved = SaveAppRecord(next, directory);
  const MutexLock lock(&mutex_);
  // Nothing takes the app away while its record is locked.
  LocalApp& app = state_.apps.find(service)->second;
  app.becoming.reset();
  app.record_fault = std::string(saved.message());
  if (!saved.ok()) {
    // What the running form and instances of earlier ones have stays theirs.
    for (const int port : rebooking.added) state_.ports.Release(port);
    return saved;
  }
  app.record = std::move(next);
  app.app = updated.app;
  app.user = updated.user;
  app.problem.clear();
  RenewSlots(&app);
  return absl::OkStatus();
}

absl::Status LocalApps::Remove(absl::string_view service) {
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
        ChangeRecord(std::string(service), [](AppRecord* record) {
          record->removing = true;
          return true;
        }));
  }
  Wake();
  return absl::OkStatus();
}

absl::StatusOr<AppStatus> LocalApps::Observe(absl::string_view service) const {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app, FindApp(state_, service));
  return DescribeApp(*app, config_.advertised_host, config_.deployment_deadline,
                     absl::Now());
}

absl::StatusOr<RemovalReceipt> LocalApps::Receipt(
    absl::string_view service) const {
  const MutexLock lock(&mutex_);
  if (const auto app = FindApp(state_, service); app.ok()) {
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

absl::StatusOr<std::vector<TaskLogs>> LocalApps::Logs(
    absl::string_view service, absl::string_view task) const {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const LocalApp* const app, FindApp(state_, service));
  return LogsOf(*app, task);
}

std::vector<std::string> LocalApps::Strays() const {
  const MutexLock lock(&mutex_);
  return state_.strays;
}

absl::StatusOr<std::vector<int>> LocalApps::SecurePorts(
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
    secured = ChangeRecord(service, [&](AppRecord* record) {
      const auto slot = static_cast<size_t>(plan.record.slot);
      if (record->generation != plan.record.generation ||
          slot >= record->ports.size()) {
        return false;
      }
      for (size_t i = 0; i < ports.size(); ++i) {
        const int before = record->ports[slot][i];
        if (ports[i] != before) NoteMovedPort(before, ports[i], record);
      }
      record->ports[slot] = ports;
      return true;
    });
  }
  const MutexLock lock(&mutex_);
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i] == plan.record.ports[i]) continue;
    state_.ports.Release(secured.ok() ? plan.record.ports[i] : ports[i]);
  }
  if (!secured.ok()) return secured;
  return ports;
}

void LocalApps::FinishRemoval(const std::string& service) {
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

Mutex* LocalApps::RecordMutex(const std::string& service) {
  return &record_mutexes_[std::hash<std::string>()(service) %
                          record_mutexes_.size()];
}

absl::Status LocalApps::ChangeRecord(
    const std::string& service, const std::function<bool(AppRecord*)>& change) {
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
  if (!change(&record)) {
    return absl::AbortedError(
        absl::StrCat("service '", service, "' was changed meanwhile"));
  }
  absl::Status saved = SaveAppRecord(record, directory);
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(LocalApp* const app, FindApp(&state_, service));
  app->record_fault = std::string(saved.message());
  if (saved.ok()) change(&app->record);
  return saved;
}

}  // namespace orrery::catalog
