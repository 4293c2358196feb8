// Control groups v2 for the limits of instances (orchestrators.md §3.2).

#ifndef CATALOG_ORCHESTRATOR_TASK_CONTROL_GROUP_H_
#define CATALOG_ORCHESTRATOR_TASK_CONTROL_GROUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_app.h"

namespace orrery::catalog {

// The folder of the group of control groups v2 that this process is in, from
// the texts of /proc/self/cgroup and /proc/self/mountinfo; empty without one.
std::string OwnControlGroup(absl::string_view membership,
                            absl::string_view mounts);

// Makes the group under which instances get theirs. orreryd may do so where it
// was put into a subgroup `supervisor` of a delegated group (systemd:
// `Delegate=yes` with `DelegateSubgroup=supervisor`): a group with limits for
// those below it can hold no process itself, so that the next orreryd could not
// be started in one that this one has changed. The status says why limits
// cannot be enforced.
absl::StatusOr<std::string> PrepareControlGroups(const std::string& own);

// The same for this process.
absl::StatusOr<std::string> FindControlGroups();

// Makes the group of one instance with the app's limits.
absl::Status MakeControlGroup(const std::string& path, const MarathonApp& app);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_CONTROL_GROUP_H_
