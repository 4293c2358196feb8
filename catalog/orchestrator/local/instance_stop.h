// Ending an instance with everything it started (orchestrators.md §3.5).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_STOP_H_
#define CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_STOP_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/task/instance_record.h"

namespace orrery::catalog {

// What runs on the host, looked at once, when it is first asked for: with many
// orphans a look for each would take too long.
class HostProcesses {
 public:
  // Every process below the task (0 for none), and those that left its tree but
  // still carry its id: without the shim nobody else knows them. No zombies.
  std::vector<ProcessStat> Relatives(const std::string& task_id, pid_t task);

 private:
  std::optional<std::vector<ProcessStat>> table_;
  std::multimap<std::string, ProcessStat> by_task_;
};

// Sends the next signal of the stop order and sets when the one after it is
// due. With a shim: SIGTERM, and should it not do its work, SIGUSR1 and
// SIGKILL. Without one: SIGTERM to the task's group, then SIGKILL to all there
// is of it. Requires: instance->stop.
void EscalateStop(LocalInstance* instance, absl::Time now,
                  HostProcesses* processes);

// Kills what an orphaned task has left; how many processes were found. Only
// when none was, nothing of it is left.
int KillRelatives(const LocalInstance& instance, HostProcesses* processes);

// Ends what runs in a folder that belongs to no app.
void StopStray(const InstanceInspection& found);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_STOP_H_
