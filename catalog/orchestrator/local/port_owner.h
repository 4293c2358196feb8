// Whose port it is: a check that passes is only worth something when the
// instance itself answered (orchestrators.md §3.5).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_PORT_OWNER_H_
#define CATALOG_ORCHESTRATOR_LOCAL_PORT_OWNER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "catalog/orchestrator/process/process_identity.h"

namespace orrery::catalog {

// Looks at the host once and answers many times from what it saw.
class PortOwners {
 public:
  // Who listens on `port`, in words, unless it is `root` or a process below it;
  // empty then, and when it cannot be known.
  std::string Stranger(int port, pid_t root);

 private:
  std::optional<std::vector<ProcessStat>> processes_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_PORT_OWNER_H_
