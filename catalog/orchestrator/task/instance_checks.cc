#include "catalog/orchestrator/task/instance_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

constexpr absl::Duration kReadinessInterval = absl::Milliseconds(100);
// Exit of `orrery-shim check` when the time was up, and when it could not run.
constexpr int kTimedOut = 124;
constexpr int kCannotRun = 126;

ProbeKind KindOf(absl::string_view protocol) {
  if (absl::EndsWith(protocol, "HTTPS")) return ProbeKind::kHttps;
  return absl::EndsWith(protocol, "HTTP") ? ProbeKind::kHttp : ProbeKind::kTcp;
}

std::string PathOf(const std::string& path) {
  return absl::StartsWith(path, "/") ? path : absl::StrCat("/", path);
}

int PortOf(const AppHealthCheck& check, const std::vector<int>& ports) {
  if (check.port.has_value()) return *check.port;
  const auto index = static_cast<size_t>(check.port_index.value_or(0));
  return index < ports.size() ? ports[index] : 0;
}

ProbeResult CommandResult(int status, absl::Duration timeout) {
  const int code = (status & 0x7f) == 0 ? (status >> 8) & 0xff : -1;
  if (code == 0) return {ProbeVerdict::kPass, ""};
  if (code == kTimedOut) {
    return {ProbeVerdict::kFail, absl::StrCat("it did not end within ",
                                              absl::FormatDuration(timeout))};
  }
  if (code == kCannotRun) return {ProbeVerdict::kFail, "it cannot be run"};
  return {ProbeVerdict::kFail, "it ended with a failure"};
}

}  // namespace

InstanceChecks::InstanceChecks(const MarathonApp& app,
                               const std::vector<int>& ports,
                               const std::string& host, absl::Time start) {
  for (const AppHealthCheck& check : app.health_checks) {
    Running running = {HealthTracker(check, start), "", {}, {}, {}};
    if (check.protocol == "COMMAND") {
      running.what = absl::StrCat("command '", check.command.value_or(""), "'");
    } else {
      NetworkProbe probe;
      probe.kind = KindOf(check.protocol);
      probe.host = host;
      probe.port = PortOf(check, ports);
      probe.path = PathOf(check.path);
      probe.timeout = check.timeout;
      probe.ignore_1xx = check.ignore_http_1xx;
      running.what = DescribeProbe(probe);
      running.probe = std::move(probe);
    }
    checks_.push_back(std::move(running));
  }
  if (app.readiness_checks.empty()) return;
  const AppReadinessCheck& check = app.readiness_checks[0];
  Readiness readiness;
  readiness.probe.kind = KindOf(check.protocol);
  readiness.probe.host = host;
  readiness.probe.path = PathOf(check.path);
  readiness.probe.timeout = check.timeout;
  readiness.probe.status_codes = check.status_codes;
  for (size_t i = 0; i < app.port_definitions.size() && i < ports.size(); ++i) {
    if (app.port_definitions[i].name == check.port_name) {
      readiness.probe.port = ports[i];
    }
  }
  readiness.next_probe = start;
  readiness_ = std::move(readiness);
}

bool InstanceChecks::Step(absl::Time now, const CheckActions& actions) {
  for (Running& running : checks_) {
    if (running.command.has_value()) {
      if (StepCommand(&running, now)) return true;
    } else if (!running.key.has_value() &&
               running.tracker.next_probe() <= now) {
      StartCheck(&running, now, actions);
    }
  }
  if (readiness_.has_value() && !readiness_->passed &&
      !readiness_->key.has_value() && readiness_->next_probe <= now) {
    readiness_->key = actions.next_key();
    readiness_->probe.key = *readiness_->key;
    actions.probe(readiness_->probe);
  }
  return false;
}

void InstanceChecks::StartCheck(Running* running, absl::Time now,
                                const CheckActions& actions) {
  if (running->probe.has_value()) {
    running->key = actions.next_key();
    running->probe->key = *running->key;
    actions.probe(*running->probe);
    return;
  }
  running->command = actions.run(running->tracker.check());
  if (!running->command.has_value()) {
    NoteHealth(running, {ProbeVerdict::kFail, "it cannot be started"}, now);
  }
}

bool InstanceChecks::StepCommand(Running* running, absl::Time now) {
  const std::optional<int> status = running->command->Reap();
  if (!status.has_value()) return false;
  running->command.reset();
  return NoteHealth(
      running, CommandResult(*status, running->tracker.check().timeout), now);
}

bool InstanceChecks::NoteHealth(Running* running, const ProbeResult& result,
                                absl::Time now) {
  if (!running->tracker.Note(result, now)) return false;
  kill_reason_ = absl::StrCat(
      "health check ", running->what, " failed ", running->tracker.failures(),
      running->tracker.failures() == 1 ? " time" : " times in a row",
      ", last: ", running->tracker.last_reason());
  return true;
}

bool InstanceChecks::Note(uint64_t key, ProbeResult result, absl::Time now,
                          absl::string_view stranger) {
  const auto judge = [&result, stranger](int port) {
    if (result.verdict != ProbeVerdict::kPass || stranger.empty()) return;
    result = {ProbeVerdict::kFail,
              absl::StrCat("port ", port, " is held ", stranger,
                           ", not by this instance")};
  };
  if (readiness_.has_value() && readiness_->key == key) {
    judge(readiness_->probe.port);
    readiness_->key.reset();
    readiness_->next_probe = now + kReadinessInterval;
    readiness_->passed = result.verdict == ProbeVerdict::kPass;
    readiness_->last_reason = result.reason;
    ++readiness_->probes;
    return false;
  }
  for (Running& running : checks_) {
    if (running.key != key) continue;
    judge(running.probe->port);
    running.key.reset();
    return NoteHealth(&running, result, now);
  }
  return false;
}

absl::Time InstanceChecks::NextTime() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Running& running : checks_) {
    if (running.key.has_value() || running.command.has_value()) continue;
    next = std::min(next, running.tracker.next_probe());
  }
  if (readiness_.has_value() && !readiness_->passed &&
      !readiness_->key.has_value()) {
    next = std::min(next, readiness_->next_probe);
  }
  return next;
}

std::vector<int> InstanceChecks::Descriptors() const {
  std::vector<int> descriptors;
  for (const Running& running : checks_) {
    if (running.command.has_value()) {
      descriptors.push_back(running.command->descriptor());
    }
  }
  return descriptors;
}

Health InstanceChecks::health() const {
  Health health = Health::kHealthy;
  for (const Running& running : checks_) {
    if (running.tracker.health() == Health::kUnhealthy) {
      return Health::kUnhealthy;
    }
    if (running.tracker.health() == Health::kUnknown) health = Health::kUnknown;
  }
  return health;
}

std::vector<CheckStanding> InstanceChecks::Standing() const {
  std::vector<CheckStanding> standing;
  for (const Running& running : checks_) {
    const HealthTracker& tracker = running.tracker;
    if (tracker.health() == Health::kHealthy && tracker.last_reason().empty()) {
      continue;
    }
    standing.push_back({absl::StrCat("health check ", running.what),
                        tracker.health(), tracker.probes(),
                        tracker.last_reason()});
  }
  if (!ready()) {
    standing.push_back(
        {absl::StrCat("readiness check ", DescribeProbe(readiness_->probe)),
         Health::kUnknown, readiness_->probes, readiness_->last_reason});
  }
  return standing;
}

}  // namespace orrery::catalog
