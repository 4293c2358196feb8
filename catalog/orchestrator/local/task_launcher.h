// Launches instances of the `local` target on threads of its own, and takes
// what became of it.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_TASK_LAUNCHER_H_
#define CATALOG_ORCHESTRATOR_LOCAL_TASK_LAUNCHER_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/local/host_capacity.h"
#include "catalog/orchestrator/local/local_apps.h"
#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/local/worker_pool.h"
#include "catalog/orchestrator/task/artifact_fetch.h"
#include "catalog/orchestrator/task/local_config.h"
#include "catalog/orchestrator/task/task_launch.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Its methods are the loop's.
class TaskLauncher {
 public:
  // All must outlive this object, which must outlive the work of `workers`.
  TaskLauncher(const LocalConfig* config, ArtifactFetcher* fetcher,
               LocalApps* apps, WorkerPool* workers);

  // Begins to launch an instance for the slot, or notes what is in the way.
  // `used` is what the instances there are have booked.
  void Launch(const LocalApp& app, const Resources& used, absl::Time now,
              LocalSlot* slot);
  // Enters what became of launches.
  void TakeOutcomes(absl::Time now, LocalState* state);

 private:
  struct Outcome {
    std::string service;
    int slot = 0;
    std::string instance_id;
    // Those it is to have; a stranger may have made it move.
    std::vector<int> ports;
    // Why it is not the time to launch it; empty when that was tried.
    std::string obstacle;
    absl::StatusOr<StartedShim> shim = absl::UnknownError("");
  };

  // On a worker.
  Outcome Run(LaunchPlan plan);
  static void TakeOutcome(Outcome outcome, absl::Time now, LocalState* state);

  const LocalConfig& config_;
  ArtifactFetcher* const fetcher_;
  LocalApps* const apps_;
  WorkerPool* const workers_;

  Mutex mutex_;
  std::vector<Outcome> outcomes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_TASK_LAUNCHER_H_
