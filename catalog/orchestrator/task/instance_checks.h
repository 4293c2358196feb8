// The health and readiness checks of one running instance: starts those that
// are due and takes their outcomes.

#ifndef CATALOG_ORCHESTRATOR_TASK_INSTANCE_CHECKS_H_
#define CATALOG_ORCHESTRATOR_TASK_INSTANCE_CHECKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/task/health_check.h"
#include "catalog/orchestrator/task/network_prober.h"

namespace orrery::catalog {

// What the checks act through; given by who owns them.
struct CheckActions {
  // Begins a network probe; its outcome comes back through Note.
  std::function<void(NetworkProbe)> probe;
  // Begins the command of a check; nothing when it cannot be started.
  std::function<std::optional<ProcessHandle>(const AppHealthCheck&)> run;
  // A key that no other probe has.
  std::function<uint64_t()> next_key;
};

// A check and where it stands, for people.
struct CheckStanding {
  // For example "GET http://127.0.0.1:31000/health".
  std::string what;
  Health health = Health::kUnknown;
  int64_t probes = 0;
  std::string last_reason;
};

// Not thread-safe.
class InstanceChecks {
 public:
  // `ports` are the host ports in the order of the app's port definitions;
  // `start` is when the task began.
  InstanceChecks(const MarathonApp& app, const std::vector<int>& ports,
                 const std::string& host, absl::Time start);

  // Starts what is due, and takes commands that have ended. True when the
  // instance must be killed.
  bool Step(absl::Time now, const CheckActions& actions);
  // Takes the outcome of a probe. `stranger` says who holds the port when it is
  // not the instance itself: an answer of anybody else is a failure. True when
  // the instance must be killed.
  bool Note(uint64_t key, ProbeResult result, absl::Time now,
            absl::string_view stranger);

  // When Step has something to do next; InfiniteFuture when nothing.
  absl::Time NextTime() const;
  // Descriptors that become readable when a command ends.
  std::vector<int> Descriptors() const;

  // kHealthy without checks.
  Health health() const;
  bool ready() const { return !readiness_.has_value() || readiness_->passed; }
  // What has not passed yet, or fails.
  std::vector<CheckStanding> Standing() const;
  // Why the instance must be killed, after Step or Note said so.
  const std::string& kill_reason() const { return kill_reason_; }

 private:
  struct Running {
    HealthTracker tracker;
    std::string what;
    // Of a network check.
    std::optional<NetworkProbe> probe;
    // Under way: the key of the probe, or the command.
    std::optional<uint64_t> key;
    std::optional<ProcessHandle> command;
  };
  struct Readiness {
    NetworkProbe probe;
    absl::Time next_probe;
    std::optional<uint64_t> key;
    bool passed = false;
    int64_t probes = 0;
    std::string last_reason;
  };

  bool NoteHealth(Running* running, const ProbeResult& result, absl::Time now);
  void StartCheck(Running* running, absl::Time now,
                  const CheckActions& actions);
  bool StepCommand(Running* running, absl::Time now);

  std::vector<Running> checks_;
  std::optional<Readiness> readiness_;
  std::string kill_reason_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_INSTANCE_CHECKS_H_
