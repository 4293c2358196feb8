// Starting orrery-shim with a launch specification.

#ifndef CATALOG_ORCHESTRATOR_TASK_SHIM_SPAWN_H_
#define CATALOG_ORCHESTRATOR_TASK_SHIM_SPAWN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/process/process_identity.h"
#include "catalog/orchestrator/shim/launch_spec.h"

namespace orrery::catalog {

struct SpawnedShim {
  ProcessHandle handle;
  pid_t pid = 0;
  // Whether it reported within the time that its task runs.
  bool reported = false;
};

// Starts `program` with `arguments` in a session of its own, with no
// environment and no descriptors but the standard ones (/dev/null), `lock` (-1
// for none) as kShimLockDescriptor and the specification as
// kShimSpecDescriptor. Waits for its report at most `patience`. When it reports
// that a file cannot be written, that is the status (kResourceExhausted for a
// full disk), and the shim has ended.
absl::StatusOr<SpawnedShim> SpawnShim(const std::string& program,
                                      const std::vector<std::string>& arguments,
                                      const LaunchSpec& spec, int lock,
                                      absl::Duration patience);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_SHIM_SPAWN_H_
