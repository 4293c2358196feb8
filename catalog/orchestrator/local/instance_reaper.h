// Takes note of instances of the `local` target that have ended, however they
// did (orchestrators.md §3.5, §3.6).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_REAPER_H_
#define CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_REAPER_H_

#include <deque>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/instance_stop.h"
#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/local/worker_pool.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

class InstanceReaper {
 public:
  // Both must outlive this object. What is to be done to files is given to
  // `clerk`.
  InstanceReaper(const LocalConfig* config, WorkerPool* clerk);

  // Looks whether the slot's instance, which has left staging, has ended, and
  // empties the slot then.
  void Look(absl::Time now, HostProcesses* processes, LocalApp* app,
            LocalSlot* slot);

  // Removes the folders of ended instances that are too many or too old, as far
  // as they are not needed.
  void DropOldEnded(absl::Time now, LocalApp* app);
  void DropOldEnded(absl::Time now, std::deque<EndedInstance>* ended);

 private:
  void TakeShimEnd(LocalApp* app, LocalSlot* slot, absl::Time now);
  void TakeOrphanEnd(LocalApp* app, LocalSlot* slot, absl::Time now,
                     HostProcesses* processes);
  void NoteEnd(LocalApp* app, LocalSlot* slot, EndedInstance ended,
               absl::Time now);

  const LocalConfig& config_;
  WorkerPool* const clerk_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_INSTANCE_REAPER_H_
