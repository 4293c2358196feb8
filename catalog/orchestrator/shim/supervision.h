// What a shim does between its start and its end. Standard library only.

#ifndef CATALOG_ORCHESTRATOR_SHIM_SUPERVISION_H_
#define CATALOG_ORCHESTRATOR_SHIM_SUPERVISION_H_

#include <csignal>

#include "catalog/orchestrator/shim/launch_spec.h"

namespace orrery::catalog {

// Signals a shim is told what to do with; blocked from its first moment.
sigset_t ShimSignals();

// Tells orreryd how the start went, and closes the channel.
void Report(const ShimReport& report);

// Runs the task in the working directory, which is that of the instance, until
// nothing of it is left: SIGTERM stops it with grace, SIGUSR1 kills it. Writes
// task.json and exit.json; output goes to logs/stdout and logs/stderr. Gives
// the exit code of the shim. Requires: ShimSignals are blocked, and this
// process is a subreaper.
int SuperviseTask(const LaunchSpec& spec);

// Runs the command of a health check and kills it at its time limit: 0 when it
// passed, 1 when it failed, 124 when the time was up, 126 when it cannot run.
int RunCheck(const LaunchSpec& spec);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_SHIM_SUPERVISION_H_
