// Ending an instance with everything it started (orchestrators.md §3.5).

#ifndef CATALOG_ORCHESTRATOR_INSTANCE_STOP_H_
#define CATALOG_ORCHESTRATOR_INSTANCE_STOP_H_

#include "absl/time/time.h"

#include "catalog/orchestrator/instance_record.h"
#include "catalog/orchestrator/local_app.h"

namespace orrery::catalog {

// Sends the next signal of the stop order and sets when the one after it is
// due. With a shim: SIGTERM, and should it not do its work, SIGUSR1 and
// SIGKILL. Without one: SIGTERM to the task's group, then SIGKILL to all there
// is of it. Requires: instance->stop.
void EscalateStop(LocalInstance* instance, absl::Time now);

// Kills what an orphaned task has left; how many processes were found.
int KillRelatives(const LocalInstance& instance);

// Ends what runs in a folder that belongs to no app.
void StopStray(const InstanceInspection& found);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_INSTANCE_STOP_H_
