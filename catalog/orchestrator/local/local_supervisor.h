// Keeps the apps of the `local` target running (orchestrators.md §3.5, §3.6).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_SUPERVISOR_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_SUPERVISOR_H_

#include <atomic>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/local/instance_probes.h"
#include "catalog/orchestrator/local/instance_reaper.h"
#include "catalog/orchestrator/local/instance_stop.h"
#include "catalog/orchestrator/local/local_apps.h"
#include "catalog/orchestrator/local/task_launcher.h"
#include "catalog/orchestrator/local/worker_pool.h"
#include "catalog/orchestrator/task/artifact_fetch.h"
#include "catalog/orchestrator/task/local_config.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// A thread of its own decides from its construction on; what blocks runs on
// others, so that the lock on the state is held for moments only. The
// destructor leaves everything running.
class LocalSupervisor {
 public:
  // All must outlive this object. Requires: `apps` is loaded.
  LocalSupervisor(const LocalConfig* config, ArtifactFetcher* fetcher,
                  LocalApps* apps);
  ~LocalSupervisor();

 private:
  void Run();
  void Step(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());
  void StepApp(LocalApp* app, HostProcesses* processes, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());
  void StepSlot(LocalApp* app, LocalSlot* slot, HostProcesses* processes,
                absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());
  void StepInstance(LocalApp* app, LocalSlot* slot, HostProcesses* processes,
                    absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());
  void Tidy(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());
  // Has a worker measure what every instance takes on the disk.
  void MeasureDisk() ABSL_EXCLUSIVE_LOCKS_REQUIRED(apps_->mutex());

  const LocalConfig& config_;
  LocalApps* const apps_;
  bool stopping_ ABSL_GUARDED_BY(apps_->mutex()) = false;
  absl::Time next_tidying_ = absl::InfinitePast();
  absl::Time next_measuring_ = absl::InfinitePast();
  std::atomic<bool> measuring_ = false;

  WorkerPool workers_;
  // One thread, so that what is done to files is done in order.
  WorkerPool clerk_;
  TaskLauncher launcher_;
  InstanceReaper reaper_;
  InstanceProbes probes_;
  std::thread thread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_SUPERVISOR_H_
