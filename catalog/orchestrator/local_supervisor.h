// Keeps the apps of the `local` target running (orchestrators.md §3.5, §3.6).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_
#define CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_

#include <cstdint>
#include <deque>
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
#include "catalog/orchestrator/local_app.h"
#include "catalog/orchestrator/local_config.h"
#include "catalog/orchestrator/local_ports.h"
#include "catalog/orchestrator/network_prober.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task_launch.h"
#include "catalog/orchestrator/worker_pool.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// An app that was checked and may be started.
struct NewApp {
  AppRequest request;
  std::shared_ptr<const MarathonApp> app;
  TaskUser user;
};

// The output of one task, for a reader.
struct TaskLogs {
  std::string task_id;
  std::shared_ptr<InstanceLogs> logs;
  bool ended = false;
};

// Thread-safe. One thread of its own decides; what blocks runs on others. The
// destructor leaves everything running.
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
    absl::StatusOr<StartedShim> shim = absl::UnknownError("");
  };
  struct ProbeTarget {
    std::string service;
    int slot = 0;
    std::string instance_id;
  };

  std::string AppsDirectory() const;
  std::string InstancesDirectory() const;

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

  // Launching.
  void Launch(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Empty when the ports of the slot can be had; moves dynamic ones away from
  // strangers.
  std::string SecurePorts(LocalApp* app, LocalSlot* slot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeLaunchOutcomes(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteLaunchFailure(LocalSlot* slot, const absl::Status& fault,
                         absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EnterRunning(LocalInstance* instance, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Checks.
  void TakeProbeResults(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  CheckActions ActionsFor(const LocalApp& app, const LocalSlot& slot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string StrangerOn(const LocalInstance& instance, int port) const;

  // Ending.
  void Stop(LocalInstance* instance, const std::string& reason, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StepStop(LocalInstance* instance, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeShimEnd(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeOrphanEnd(LocalApp* app, LocalSlot* slot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteEnd(LocalApp* app, LocalSlot* slot, EndedInstance ended,
               absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOldEnded(std::deque<EndedInstance>* ended, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when its record cannot be removed yet; it is tried again.
  bool FinishRemoval(LocalApp* app) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SaveRecord(LocalApp* app) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Adoption.
  absl::Status LoadApp(const std::string& directory)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdoptInstance(const std::string& directory, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Of the instances there are.
  Resources Used() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LocalInstance MakeInstance(const LocalApp& app, InstanceRecord record,
                             const std::string& directory,
                             absl::Time now) const;
  LocalApp* FindApp(absl::string_view service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The slot that runs that instance, or null.
  LocalSlot* FindSlot(LocalApp* app, int slot, absl::string_view instance_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRoomLocked(const NewApp& app)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status BookPorts(const NewApp& app,
                         std::vector<std::vector<int>>* ports)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const LocalConfig& config_;
  ArtifactFetcher* const fetcher_;
  const Resources capacity_;
  // Becomes readable when the loop has something to look at.
  const int wake_descriptor_;

  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, LocalApp, std::less<>> apps_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, RemovalReceipt, std::less<>> receipts_
      ABSL_GUARDED_BY(mutex_);
  // Of services that have no app any more; their folders are kept for a while.
  std::map<std::string, std::deque<EndedInstance>, std::less<>> departed_
      ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> strays_ ABSL_GUARDED_BY(mutex_);
  PortLedger ports_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_key_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, ProbeTarget> probes_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_tidying_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();

  // What other threads leave for the loop.
  Mutex inbox_mutex_;
  std::vector<LaunchOutcome> launch_outcomes_ ABSL_GUARDED_BY(inbox_mutex_);
  std::vector<std::pair<uint64_t, ProbeResult>> probe_results_
      ABSL_GUARDED_BY(inbox_mutex_);

  // Last, so that their threads end before what they use.
  std::unique_ptr<NetworkProber> prober_;
  std::unique_ptr<WorkerPool> workers_;
  std::thread thread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_SUPERVISOR_H_
