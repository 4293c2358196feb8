// The descendants of a process, and how to end them all. Standard library only,
// because the shim links it.

#ifndef CATALOG_ORCHESTRATOR_PROCESS_PROCESS_TREE_H_
#define CATALOG_ORCHESTRATOR_PROCESS_PROCESS_TREE_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "catalog/orchestrator/process/process_identity.h"

namespace orrery::catalog {

// Every process there is, zombies included.
std::vector<ProcessStat> ListProcesses();

// The processes of `table` below `root`, without it.
std::vector<ProcessStat> Descendants(const std::vector<ProcessStat>& table,
                                     pid_t root);

// The value of `name` in the environment that each process of `table` was
// started with, to the processes that have it. What may not be read does not
// count.
std::multimap<std::string, ProcessStat> ByEnvironment(
    const std::vector<ProcessStat>& table, const std::string& name);

// Sends SIGKILL to those of `processes` that are still the ones listed; gives
// how many were signalled. Zombies are left out.
int Kill(const std::vector<ProcessStat>& processes);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_PROCESS_PROCESS_TREE_H_
