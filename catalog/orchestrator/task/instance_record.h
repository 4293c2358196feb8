// The files of an instance folder, state_dir/instances/<id>, and what they and
// the process table together say of it (orchestrators.md §3.5, §3.6).

#ifndef CATALOG_ORCHESTRATOR_TASK_INSTANCE_RECORD_H_
#define CATALOG_ORCHESTRATOR_TASK_INSTANCE_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/process/process_identity.h"

namespace orrery::catalog {

// instance.json: written before anything is started.
struct InstanceRecord {
  std::string id;
  std::string task_id;
  std::string service;
  // Marathon's app id.
  std::string app_id;
  int slot = 0;
  // Of the app when it was launched.
  int64_t generation = 1;
  std::vector<int> ports;
  // Boot of the machine in which it was launched.
  std::string boot_id;
  absl::Time launch_time;
  // SHA-256 over the environment; the environment itself is never written.
  std::string environment_digest;
  // Its group of control groups; empty when limits are not enforced.
  std::string cgroup;

  bool operator==(const InstanceRecord&) const = default;
};

std::string EncodeInstanceRecord(const InstanceRecord& record);
// kDataLoss when it is none.
absl::StatusOr<InstanceRecord> DecodeInstanceRecord(absl::string_view text);

// shim.json and task.json.
struct IdentityRecord {
  ProcessIdentity identity;
  absl::Time time;
};
absl::StatusOr<IdentityRecord> DecodeIdentityRecord(absl::string_view text);

// task.json of an instance folder, once it is there.
std::optional<IdentityRecord> ReadTaskIdentity(const std::string& directory);

// exit.json.
struct ExitRecord {
  // False when the task never ran; then `error` says why.
  bool started = true;
  std::optional<int> code;
  std::optional<int> signal;
  bool out_of_memory = false;
  std::string error;
  absl::Time time;
};
absl::StatusOr<ExitRecord> DecodeExitRecord(absl::string_view text);

enum class InstanceCondition : uint8_t {
  // The machine was restarted since: nothing of it can be alive.
  kOtherBoot,
  // Its shim lives.
  kSupervised,
  // Its shim has the lock and has not said who it is yet.
  kStarting,
  // exit.json says how it ended.
  kExited,
  // The shim was killed, the task lives.
  kOrphaned,
  // The shim was killed, and the task is gone too.
  kLost,
  // orreryd ended between deciding and starting.
  kNeverStarted
};

struct InstanceInspection {
  InstanceCondition condition = InstanceCondition::kLost;
  // Nothing when instance.json is missing or broken.
  std::optional<InstanceRecord> record;
  std::optional<IdentityRecord> shim;
  std::optional<IdentityRecord> task;
  std::optional<ExitRecord> exit;
};

// Reads a folder and looks at its lock and its processes. `boot_id` is that of
// the running kernel.
InstanceInspection InspectInstance(const std::string& directory,
                                   const std::string& boot_id);

// Whether a living shim holds the lock of the folder.
bool ShimHoldsLock(const std::string& directory);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_INSTANCE_RECORD_H_
