// Keeps the apps of the `local` target running (orchestrators.md §3.5, §3.6).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_
#define CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/artifact_fetch.h"
#include "catalog/orchestrator/host_capacity.h"
#include "catalog/orchestrator/instance_stop.h"
#include "catalog/orchestrator/local_config.h"
#include "catalog/orchestrator/local_state.h"
#include "catalog/orchestrator/network_prober.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/port_booking.h"
#include "catalog/orchestrator/task_launch.h"
#include "catalog/orchestrator/worker_pool.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Thread-safe. One thread of its own decides; what blocks runs on others, so
// that the lock on the state is held for moments only. The destructor leaves
// everything running.
class LocalSupervisor {
 public:
  // `config` and `fetcher` must outlive this object. Nothing happens before
  // Start.
  LocalSupervisor(const LocalConfig* config, ArtifactFetcher* fetcher);
  ~LocalSupervisor();

  // Reads the records, adopts what still runs, and begins.
  absl::Status Start();

  // Whether the app could be added now: nobody has its service, its id or its
  // fixed ports. The codes of Orchestrator::Create.
  absl::Status CheckRoom(const NewApp& app);
  // What its instances would have to wait for; empty when they all fit.
  std::string Shortage(const MarathonApp& app) const;
  // Books its ports, writes its record and begins to launch it.
  absl::Status Add(NewApp app);
  absl::Status Remove(absl::string_view service);

  absl::StatusOr<AppStatus> Observe(absl::string_view service);
  absl::StatusOr<RemovalReceipt> Receipt(absl::string_view service);
  // Of the living instances, and of the last ended one where none lives; or,
  // when `task` is not empty, of that one. kNotFound.
  absl::StatusOr<std::vector<TaskLogs>> Logs(absl::string_view service,
                                             absl::string_view task);
  // Folders of instances that belonged to no app and were stopped at the start.
  std::vector<std::string> Strays() const;

 private:
  struct LaunchOutcome {
    std::string service;
    int slot = 0;
    std::string instance_id;
    // Those it is to have; a stranger may have made it move.
    std::vector<int> ports;
    // Why it is not the time to launch it; empty when that was tried.
    std::string obstacle;
    absl::StatusOr<StartedShim> shim = absl::UnknownError("");
  };
  struct ProbeTarget {
    std::string service;
    int slot = 0;
    std::string instance_id;
    // The port that is asked when it is the instance's own, else 0.
    int port = 0;
    // Above every process of the instance.
    pid_t root = 0;
  };
  struct JudgedProbe {
    uint64_t key = 0;
    ProbeTarget target;
    ProbeResult result;
    // Who else holds the port; empty when the instance itself does.
    std::string stranger;
  };

  // The loop.
  void Run();
  void Wake();
  void Step(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StepApp(LocalApp* app, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StepSlot(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StepInstance(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NextTime(absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<int> Descriptors() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tidy(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has a worker measure what every instance takes on the disk.
  void MeasureDisk() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Launching. The second and third run on a worker.
  void Launch(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LaunchOutcome RunLaunch(LaunchPlan plan) ABSL_LOCKS_EXCLUDED(mutex_);
  // The ports of the instance, with the dynamic ones moved away from strangers.
  absl::StatusOr<std::vector<int>> SecurePorts(const LaunchPlan& plan)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeLaunchOutcomes(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteLaunchFailure(LocalSlot* slot, const absl::Status& fault,
                         absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Checks.
  std::vector<JudgedProbe> JudgeProbes() ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeProbes(const std::vector<JudgedProbe>& probes, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  CheckActions ActionsFor(const LocalApp& app, const LocalSlot& slot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Ending.
  void TakeShimEnd(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeOrphanEnd(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteEnd(LocalApp* app, LocalSlot* slot, EndedInstance ended,
               absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOldEnded(std::deque<EndedInstance>* ended, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // On a worker: takes the app's folder away, and then the app.
  void FinishRemoval(const std::string& service) ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex* RecordMutex(const std::string& service);
  // Makes a change of an app's record durable, and only then visible.
  absl::Status ChangeRecord(const std::string& service,
                            const std::function<void(AppRecord*)>& change)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const LocalConfig& config_;
  ArtifactFetcher* const fetcher_;
  const Resources capacity_;
  // Becomes readable when the loop has something to look at.
  const int wake_descriptor_;

  // One change of an app's record at a time; apps that share a lock only wait
  // for each other. Taken before mutex_.
  std::array<Mutex, 64> record_mutexes_;
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  LocalState state_ ABSL_GUARDED_BY(mutex_);
  // As they are in this turn of the loop.
  HostProcesses processes_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_key_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, ProbeTarget> probes_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_tidying_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_measuring_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::atomic<bool> measuring_ = false;

  // What other threads leave for the loop.
  Mutex inbox_mutex_;
  std::vector<LaunchOutcome> launch_outcomes_ ABSL_GUARDED_BY(inbox_mutex_);
  std::vector<std::pair<uint64_t, ProbeResult>> probe_results_
      ABSL_GUARDED_BY(inbox_mutex_);

  // Last, so that their threads end before what they use.
  std::unique_ptr<NetworkProber> prober_;
  std::unique_ptr<WorkerPool> workers_;
  // One thread, so that what is done to files is done in order.
  std::unique_ptr<WorkerPool> clerk_;
  std::thread thread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_
