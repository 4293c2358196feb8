// Starting a task: sandbox, artifacts, volumes, records, shim
// (orchestrators.md §3.4, §3.5). Blocks while it fetches.

#ifndef CATALOG_ORCHESTRATOR_TASK_TASK_LAUNCH_H_
#define CATALOG_ORCHESTRATOR_TASK_TASK_LAUNCH_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/shim/launch_spec.h"
#include "catalog/orchestrator/task/artifact_fetch.h"
#include "catalog/orchestrator/task/instance_record.h"
#include "catalog/orchestrator/task/local_config.h"
#include "catalog/orchestrator/task/task_user.h"
#include "signing/digest.h"

namespace orrery::catalog {

// Everything a launch needs; it holds no lock while it runs.
struct LaunchPlan {
  std::shared_ptr<const MarathonApp> app;
  std::vector<ArtifactPin> artifacts;
  InstanceRecord record;
  TaskUser user;
  std::string app_version;
  // state_dir/instances/<id>
  std::string directory;
  std::string volume_directory;
  std::shared_ptr<FetchProgress> progress;
};

// A shim that was started.
struct StartedShim {
  ProcessHandle handle;
  pid_t pid = 0;
  // Whether it said that the task runs; otherwise it ended, or says so later.
  bool task_runs = false;
};

std::string SandboxOf(const std::string& instance_directory);
// The digest pinned for `uri`; an `artifact:` URI pins itself. Nothing when it
// is not pinned.
std::optional<signing::Digest> PinOf(const std::vector<ArtifactPin>& pins,
                                     absl::string_view uri);
// kDataLoss when `uri` is pinned to another size, in bytes.
absl::Status CheckPinnedSize(const std::vector<ArtifactPin>& pins,
                             absl::string_view uri, int64_t size);

// What the shim of a task is to run. Also the base of its COMMAND checks.
LaunchSpec TaskSpec(const LaunchPlan& plan, const LocalConfig& config);

// Makes the sandbox and fills it. kDataLoss and kInvalidArgument will not go
// away by trying again.
absl::Status PrepareSandbox(const LaunchPlan& plan, const LocalConfig& config,
                            ArtifactFetcher* fetcher);

// Writes the record, takes the lock and starts the shim with it. `spec` is what
// TaskSpec gave.
absl::StatusOr<StartedShim> StartShim(const LaunchPlan& plan,
                                      const LaunchSpec& spec,
                                      const LocalConfig& config);

// Starts the shim that runs the command of a check.
absl::StatusOr<ProcessHandle> StartCheck(const LaunchSpec& spec,
                                         const LocalConfig& config);

// Removes what was fetched from the sandbox of an ended instance; what the task
// wrote stays.
void RemoveFetched(const std::string& instance_directory);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_TASK_LAUNCH_H_
