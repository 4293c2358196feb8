// Whom a task runs as.

#ifndef CATALOG_ORCHESTRATOR_TASK_TASK_USER_H_
#define CATALOG_ORCHESTRATOR_TASK_TASK_USER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

struct TaskUser {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> supplementary_groups;
  // Whether orreryd must switch to it to start a task.
  bool differs = false;
};

// The user an app names, or orreryd's own for an empty name. kInvalidArgument
// when there is no such user, when orreryd may not become it, and for root
// unless `allow_root`.
absl::StatusOr<TaskUser> FindTaskUser(absl::string_view name, bool allow_root);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_TASK_USER_H_
