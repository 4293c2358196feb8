// What the `local` target knows of an app that it runs. Plain data, changed by
// LocalSupervisor under its lock.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APP_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APP_H_

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/app_record.h"
#include "catalog/orchestrator/local/backoff.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/task/instance_checks.h"
#include "catalog/orchestrator/task/instance_record.h"
#include "catalog/orchestrator/task/log_files.h"
#include "catalog/orchestrator/task/task_launch.h"

namespace orrery::catalog {

enum class InstancePhase : uint8_t {
  // Artifacts are fetched, the sandbox is made.
  kStaging,
  // The shim was started and has not said yet that the task runs.
  kStarting,
  kRunning,
  // It was told to end.
  kKilling
};

// The output of an instance; outlives it for those who read it.
struct InstanceLogs {
  InstanceLogs(const std::string& directory, int64_t max_bytes, int files)
      : standard_output(directory + "/logs/stdout", max_bytes, files),
        standard_error(directory + "/logs/stderr", max_bytes, files) {}

  LogFile standard_output;
  LogFile standard_error;
};

// An order to end an instance, and how far it got.
struct StopOrder {
  absl::Time time;
  // Why; empty when the app is removed.
  std::string reason;
  // Signals that were sent when the ones before had no effect.
  int escalations = 0;
  absl::Time next_escalation;
  // Not for a failure: what comes next does not wait.
  bool wanted = false;
};

struct LocalInstance {
  LaunchPlan plan;
  InstancePhase phase = InstancePhase::kStaging;
  absl::Time phase_time;
  std::shared_ptr<InstanceLogs> logs;
  // What its folder and its volumes take on the disk; negative before it was
  // measured.
  std::shared_ptr<std::atomic<int64_t>> disk_bytes =
      std::make_shared<std::atomic<int64_t>>(-1);

  // Nothing before it was started, and after it was killed from outside.
  std::optional<ProcessHandle> shim;
  pid_t shim_pid = 0;
  // Known once it runs.
  std::optional<IdentityRecord> task;
  // The shim was killed: the exit of the task can never be known.
  bool orphaned = false;
  // Of an orphan; others are followed by their shims.
  std::optional<ProcessHandle> task_handle;
  // And the task was gone when that was seen.
  bool lost = false;
  // Found running at the start of orreryd.
  bool adopted = false;

  std::optional<InstanceChecks> checks;
  std::optional<StopOrder> stop;

  const InstanceRecord& record() const { return plan.record; }
};

struct EndedInstance {
  InstanceRecord record;
  std::string directory;
  absl::Time end_time;
  // "finished", "failed", "killed", "lost".
  std::string state;
  std::string reason;
  std::shared_ptr<InstanceLogs> logs;
};

// The place of one instance; it has at most one at a time.
struct LocalSlot {
  LocalSlot(int number, std::vector<int> host_ports, Backoff first_backoff)
      : index(number), ports(std::move(host_ports)), backoff(first_backoff) {}

  static LocalSlot Retiring(int number, std::unique_ptr<LocalInstance> last) {
    LocalSlot slot(number, {},
                   Backoff(absl::ZeroDuration(), 1, absl::ZeroDuration()));
    slot.retiring = true;
    slot.instance = std::move(last);
    return slot;
  }

  int index;
  // Its instance is to end, now or once the slot of the same index is up; then
  // it goes, too.
  bool retiring = false;
  std::vector<int> ports;
  Backoff backoff;
  absl::Time next_launch = absl::InfinitePast();
  std::unique_ptr<LocalInstance> instance;
  // Why no instance is launched although it is time; empty when none is due.
  std::string obstacle;
  absl::Time obstacle_since;
  // Whether the obstacle is an app that has to come up first.
  bool awaits_dependency = false;
  // How the last instance ended.
  std::string last_end;
  // Trying again would not help, or is forbidden.
  std::string permanent_failure;
  // The job has ended well.
  bool finished = false;
  std::optional<EndedInstance> last_ended;
};

struct LocalApp {
  AppRecord record;
  std::shared_ptr<const MarathonApp> app;
  TaskUser user;
  // state_dir/apps/<service>
  std::string directory;
  // Those the app asks for, by index, and behind them those that retire.
  std::vector<LocalSlot> slots;
  // Ended instances whose folders are kept, oldest first.
  std::deque<EndedInstance> ended;
  // Why none of its instances can be launched, for example an unreadable
  // record; those that live are followed all the same. Usually empty.
  std::string problem;
  std::vector<std::string> stopped_tasks;
  // Why a removal has not begun to stop it; usually empty.
  std::string stop_obstacle;
  // Why the last change of its record could not be written.
  std::string record_fault;
  // Its folder is being taken away, the last thing of a removal.
  bool departing = false;
  // What an update makes of it, while the record of that is being written.
  std::shared_ptr<const MarathonApp> becoming;
  // Since when nothing but itself keeps it from coming up: when orreryd found
  // it, or what it depends on came up. Its last change may be later.
  absl::Time free_time = absl::InfinitePast();

  // From when it is given time to come up.
  absl::Time DeploymentBegin() const {
    return std::max(record.change_time, free_time);
  }
  bool deployed() const { return record.deployed_time.has_value(); }
  // Whether the instance is of another form of the app.
  bool Outdates(const LocalInstance& instance) const {
    return !record.valid.contains(instance.record().generation);
  }
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APP_H_
