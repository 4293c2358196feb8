// The apps of the `local` target: what is decided about them, durably, and what
// is known of them.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APPS_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APPS_H_

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/host_capacity.h"
#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/local/port_booking.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/local_config.h"
#include "catalog/orchestrator/task/task_launch.h"
#include "registry/git/descriptor.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Thread-safe. Holds mutex() for moments only: no call waits for the disk, or
// for a process, with it.
class LocalApps {
 public:
  // `config` must outlive this object.
  explicit LocalApps(const LocalConfig* config);

  // Reads the records, and adopts what still runs.
  absl::Status Load(absl::Time now);

  // Whether the app could be added now: nobody has its service, its id or its
  // fixed ports. The codes of Orchestrator::Create.
  absl::Status CheckRoom(const NewApp& app);
  // The same for Update.
  absl::Status CheckRoomForUpdate(const NewApp& app);
  // What no app has, and of memory no more than the host has left.
  Resources Free() const;
  // What the service asks for at most beyond what it has: an instance may start
  // beside the one that it replaces.
  Resources More(const AppRequest& request, const MarathonApp& app) const;
  // What runs, in the form in which it was asked for last. kNotFound.
  absl::StatusOr<NewApp> Find(absl::string_view service) const;

  // Books its ports and writes its record.
  absl::Status Add(NewApp app);
  absl::Status Update(NewApp app);
  absl::Status Remove(absl::string_view service);

  absl::StatusOr<AppStatus> Observe(absl::string_view service) const;
  absl::StatusOr<RemovalReceipt> Receipt(absl::string_view service) const;
  // Of the living instances, and of the last ended one where none lives; or,
  // when `task` is not empty, of that one. kNotFound.
  absl::StatusOr<std::vector<TaskLogs>> Logs(absl::string_view service,
                                             absl::string_view task) const;
  // Folders of instances that belonged to no app and were stopped at the start.
  std::vector<std::string> Strays() const;

  // For those who carry out what was decided.

  // The ports of the instance, with the dynamic ones moved away from strangers.
  absl::StatusOr<std::vector<int>> SecurePorts(const LaunchPlan& plan);
  // Takes the app's folder away, and then the app.
  void FinishRemoval(const std::string& service);

  Mutex* mutex() const ABSL_LOCK_RETURNED(mutex_) { return &mutex_; }
  LocalState& state() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return state_; }
  const Resources& capacity() const { return capacity_; }

  // Something was changed that is to be acted on; wake_descriptor() is readable
  // then.
  void Wake();
  int wake_descriptor() const { return wake_.get(); }

 private:
  Mutex* RecordMutex(const std::string& service);
  // Makes a change of an app's record durable, and only then visible. `change`
  // says whether it still makes sense; kAborted when it does not.
  absl::Status ChangeRecord(const std::string& service,
                            const std::function<bool(AppRecord*)>& change);
  // Requires: RecordMutex is held.
  absl::Status Replace(const NewApp& updated);

  const LocalConfig& config_;
  const Resources capacity_;
  const registry::Descriptor wake_;

  // One change of an app's record at a time; apps that share a lock only wait
  // for each other. Taken before mutex_.
  std::array<Mutex, 64> record_mutexes_;
  mutable Mutex mutex_;
  LocalState state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_APPS_H_
