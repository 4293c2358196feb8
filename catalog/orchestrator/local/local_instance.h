// The life of one instance as the `local` target follows it: made, running,
// failed.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_INSTANCE_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_INSTANCE_H_

#include <sys/types.h>

#include <string>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

// The record of a new instance for a slot, with an id of its own.
InstanceRecord NewInstanceRecord(const LocalApp& app, const LocalSlot& slot,
                                 const LocalConfig& config, absl::Time now);

// An instance whose folder is `directory`, in the phase kStaging.
LocalInstance MakeInstance(const LocalApp& app, InstanceRecord record,
                           const std::string& directory,
                           const LocalConfig& config, absl::Time now);

// Begins its checks once its task runs; does nothing before.
void EnterRunning(const LocalConfig& config, absl::Time now,
                  LocalInstance* instance);

// Orders it to end because it has failed.
void OrderKill(const std::string& reason, absl::Time now,
               LocalInstance* instance);
// Orders it to end because it is not wanted any more; `reason` is empty when
// its app is removed.
void OrderStop(const std::string& reason, absl::Time now,
               LocalInstance* instance);

// The slot's instance failed, and the next one waits for the back-off.
void NoteFailure(std::string reason, absl::Time now, LocalSlot* slot);

// Its launch has to wait for what is not its fault.
void NoteObstacle(std::string reason, absl::Duration wait, absl::Time now,
                  LocalSlot* slot);

// The process above all others of it: the shim, or the task without one.
pid_t RootOf(const LocalInstance& instance);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_INSTANCE_H_
