// Starting a child as a launch specification says. Standard library only.

#ifndef CATALOG_ORCHESTRATOR_SHIM_CHILD_H_
#define CATALOG_ORCHESTRATOR_SHIM_CHILD_H_

#include <sys/types.h>

#include <functional>
#include <string>

#include "catalog/orchestrator/shim/launch_spec.h"

namespace orrery::catalog {

// Standard descriptors of a child; 0 is /dev/null.
struct ChildOutput {
  int stdout_descriptor = -1;
  int stderr_descriptor = -1;
};

struct ChildStart {
  // 0 when it could not be forked.
  pid_t pid = 0;
  // Why it does not run; empty when it does.
  std::string error;
};

// Forks a child in a process group of its own. It execs only after
// `before_exec` was called with its pid and gave true; if this process dies
// before, so does the child.
ChildStart StartChild(const LaunchSpec& spec, const ChildOutput& output,
                      const std::function<bool(pid_t)>& before_exec);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_SHIM_CHILD_H_
