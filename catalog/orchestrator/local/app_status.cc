#include "catalog/orchestrator/local/app_status.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::catalog {
namespace {

// A wait between two tries longer than this means that the app does not come
// up (orchestrators.md §3.9).
constexpr absl::Duration kCrashLoopDelay = absl::Seconds(60);
// And so does an app that ends again and again from its beginning. A few ends
// are none: after a kill it may have to wait until others believe that it died.
constexpr int kCrashLoopEnds = 6;
constexpr absl::Duration kCrashLoopTime = absl::Seconds(30);
// A task that survives SIGKILL for so long is stuck in the kernel.
constexpr absl::Duration kStuckAfter = absl::Seconds(30);

std::string Since(absl::Time time) {
  return absl::StrCat("since ", FormatTimestamp(time));
}

absl::string_view PhaseName(InstancePhase phase) {
  switch (phase) {
    case InstancePhase::kStaging:
      return "staging";
    case InstancePhase::kStarting:
      return "starting";
    case InstancePhase::kRunning:
      return "running";
    case InstancePhase::kKilling:
      break;
  }
  return "killing";
}

absl::string_view HealthName(const LocalInstance& instance) {
  if (instance.plan.app->health_checks.empty()) return "none";
  if (!instance.checks.has_value()) return "unknown";
  switch (instance.checks->health()) {
    case Health::kHealthy:
      return "healthy";
    case Health::kUnhealthy:
      return "unhealthy";
    case Health::kUnknown:
      break;
  }
  return "unknown";
}

bool IsStuck(const LocalInstance& instance, absl::Time now) {
  return instance.phase == InstancePhase::kKilling &&
         now - instance.stop->time >
             instance.plan.app->KillGrace() + kStuckAfter;
}

std::string KillingText(const LocalInstance& instance, absl::Time now) {
  const StopOrder& stop = *instance.stop;
  const absl::Duration grace = instance.plan.app->KillGrace();
  std::string text =
      absl::StrCat("is to end ", Since(stop.time), ", SIGKILL after ",
                   absl::FormatDuration(grace));
  if (IsStuck(instance, now)) {
    absl::StrAppend(&text,
                    "; it is stuck: SIGKILL has no effect, and what it "
                    "has booked stays booked");
  }
  return text;
}

// What a living instance is waiting for.
std::vector<std::string> InstanceWaits(const LocalInstance& instance,
                                       bool deployed, absl::Time now) {
  const std::string name =
      absl::StrCat("instance ", instance.record().slot, " ");
  switch (instance.phase) {
    case InstancePhase::kStaging: {
      const int64_t bytes = instance.plan.progress->bytes;
      return {absl::StrCat(name, "gets its sandbox and ",
                           instance.plan.app->fetch.size(), " artifacts (",
                           bytes, " bytes so far) ",
                           Since(instance.phase_time))};
    }
    case InstancePhase::kStarting:
      return {
          absl::StrCat(name, "is being started ", Since(instance.phase_time))};
    case InstancePhase::kKilling:
      return {absl::StrCat(name, KillingText(instance, now))};
    case InstancePhase::kRunning:
      break;
  }
  if (IsUp(instance, deployed)) {
    return {absl::StrCat(name, "is of generation ",
                         instance.record().generation,
                         " and runs until its successor serves")};
  }
  std::vector<std::string> waits;
  for (const CheckStanding& check : instance.checks->Standing()) {
    std::string text = absl::StrCat(
        name,
        check.health == Health::kUnhealthy ? "fails its " : "waits for its ",
        check.what, ": ", check.probes, " tries ",
        Since(instance.task.has_value() ? instance.task->time
                                        : instance.phase_time));
    if (!check.last_reason.empty()) {
      absl::StrAppend(&text, ", last: ", check.last_reason);
    }
    waits.push_back(std::move(text));
  }
  return waits;
}

std::vector<std::string> SlotWaits(const LocalApp& app, const LocalSlot& slot,
                                   absl::Time now) {
  const std::string name = absl::StrCat("instance ", slot.index, " ");
  const bool staging = slot.instance != nullptr &&
                       slot.instance->phase == InstancePhase::kStaging;
  // Also while it is tried whether the obstacle is still there.
  if (!slot.obstacle.empty() && (slot.instance == nullptr || staging)) {
    return {absl::StrCat(name, "waits: ", slot.obstacle, ", ",
                         Since(slot.obstacle_since))};
  }
  if (slot.instance != nullptr) {
    std::vector<std::string> waits =
        InstanceWaits(*slot.instance, app.deployed(), now);
    if (slot.backoff.failures() > 0 && !slot.last_end.empty()) {
      for (std::string& wait : waits) {
        absl::StrAppend(&wait, "; before that it ended ",
                        slot.backoff.failures(),
                        " times, last: ", slot.last_end);
      }
    }
    return waits;
  }
  if (!slot.permanent_failure.empty()) {
    return {absl::StrCat(name, "cannot be started: ", slot.permanent_failure)};
  }
  if (slot.next_launch > now) {
    return {absl::StrCat(name, "ended ", slot.backoff.failures(),
                         slot.backoff.failures() == 1 ? " time" : " times",
                         " and is started again at ",
                         FormatTimestamp(slot.next_launch),
                         ", last: ", slot.last_end)};
  }
  return {absl::StrCat(name, "is to be launched")};
}

AppTask DescribeTask(const LocalInstance& instance, absl::Time now) {
  AppTask task;
  task.id = instance.record().task_id;
  task.state =
      IsStuck(instance, now) ? "stuck" : std::string(PhaseName(instance.phase));
  task.health = std::string(HealthName(instance));
  if (instance.task.has_value()) {
    task.pid = instance.task->identity.pid;
    task.start_time = instance.task->time;
  }
  task.ports = instance.record().ports;
  task.sandbox = SandboxOf(instance.plan.directory);
  task.limits_enforced = !instance.record().cgroup.empty();
  if (const int64_t bytes = *instance.disk_bytes; bytes >= 0) {
    task.disk_bytes = bytes;
  }
  if (instance.stop.has_value()) task.reason = instance.stop->reason;
  if (instance.orphaned && task.reason.empty()) {
    task.reason = "its shim was killed; how it ends cannot be known";
  }
  return task;
}

AppTask DescribeEnded(const EndedInstance& ended) {
  AppTask task;
  task.id = ended.record.task_id;
  task.state = ended.state;
  task.health = "none";
  task.ports = ended.record.ports;
  task.sandbox = SandboxOf(ended.directory);
  task.reason = ended.reason;
  return task;
}

std::vector<AppEndpoint> EndpointsOf(const LocalApp& app,
                                     const std::string& host) {
  std::vector<AppEndpoint> endpoints;
  for (const LocalSlot& slot : app.slots) {
    if (slot.retiring) continue;
    for (size_t i = 0; i < slot.ports.size(); ++i) {
      std::string name;
      if (i < app.app->port_definitions.size()) {
        name = app.app->port_definitions[i].name;
      }
      if (name.empty()) name = absl::StrCat("port", i);
      AppEndpoint endpoint{std::move(name), host, slot.ports[i]};
      const auto former = app.record.former_ports.find(slot.ports[i]);
      if (former != app.record.former_ports.end()) {
        endpoint.former_ports = former->second;
      }
      endpoints.push_back(std::move(endpoint));
    }
  }
  return endpoints;
}

// Why the app does not come up; empty when it may still.
std::string FailureOf(const LocalApp& app, const AppStatus& status,
                      absl::Duration deadline, absl::Time now) {
  if (!app.problem.empty()) return app.problem;
  for (const LocalSlot& slot : app.slots) {
    if (!slot.permanent_failure.empty()) {
      return absl::StrCat("instance ", slot.index,
                          " cannot be started: ", slot.permanent_failure);
    }
    const bool never_came_up = !app.deployed() &&
                               slot.backoff.failures() >= kCrashLoopEnds &&
                               now > app.DeploymentBegin() + kCrashLoopTime;
    if (never_came_up || (slot.backoff.failures() > 0 &&
                          slot.backoff.delay() > kCrashLoopDelay)) {
      return absl::StrCat("instance ", slot.index, " ended ",
                          slot.backoff.failures(),
                          " times in a row, last: ", slot.last_end);
    }
  }
  // A job takes the time that it takes.
  if (!app.record.run_once && !app.deployed() &&
      now > app.DeploymentBegin() + deadline) {
    return absl::StrCat("it did not come up within ",
                        absl::FormatDuration(deadline), ": ",
                        absl::StrJoin(status.waiting_for, "; "));
  }
  return "";
}

}  // namespace

std::string FormatTimestamp(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

bool IsSettled(const LocalApp& app, const LocalSlot& slot) {
  if (app.record.run_once) return slot.finished;
  return !slot.retiring && slot.instance != nullptr &&
         !app.Outdates(*slot.instance) && IsUp(*slot.instance, app.deployed());
}

bool IsUp(const LocalInstance& instance, bool deployed) {
  if (instance.phase != InstancePhase::kRunning ||
      !instance.checks.has_value()) {
    return false;
  }
  const Health health = instance.checks->health();
  if (health == Health::kUnhealthy) return false;
  if (instance.adopted && deployed) return true;
  return health == Health::kHealthy && instance.checks->ready();
}

AppStatus DescribeApp(const LocalApp& app, const std::string& host,
                      absl::Duration deadline, absl::Time now) {
  AppStatus status;
  status.instances = static_cast<int>(
      std::count_if(app.slots.begin(), app.slots.end(),
                    [](const LocalSlot& slot) { return !slot.retiring; }));
  status.generation = app.record.generation;
  status.endpoints = EndpointsOf(app, host);
  bool all_up = true;
  bool all_finished = app.record.run_once;
  for (const LocalSlot& slot : app.slots) {
    if (slot.instance != nullptr) {
      status.tasks.push_back(DescribeTask(*slot.instance, now));
    } else if (slot.last_ended.has_value()) {
      status.tasks.push_back(DescribeEnded(*slot.last_ended));
    }
    all_finished = all_finished && slot.finished;
    const bool works = app.record.run_once && slot.instance != nullptr &&
                       IsUp(*slot.instance, /*deployed=*/false);
    if (works || IsSettled(app, slot)) continue;
    all_up = false;
    if (app.record.removing && slot.instance == nullptr) continue;
    for (std::string& wait : SlotWaits(app, slot, now)) {
      status.waiting_for.push_back(std::move(wait));
    }
  }
  if (!app.record_fault.empty()) {
    status.waiting_for.push_back(
        absl::StrCat("its record cannot be written: ", app.record_fault));
  }
  if (!app.stop_obstacle.empty()) {
    status.waiting_for.push_back(app.stop_obstacle);
  }
  if (app.record.removing) {
    status.state = AppState::kRemoving;
    return status;
  }
  if (all_up && app.problem.empty()) {
    status.state = all_finished ? AppState::kFinished : AppState::kRunning;
    return status;
  }
  status.failure = FailureOf(app, status, deadline, now);
  if (!status.failure.empty()) {
    status.state = AppState::kFailed;
  } else {
    status.state = app.deployed() ? AppState::kUnhealthy : AppState::kDeploying;
  }
  return status;
}

}  // namespace orrery::catalog
