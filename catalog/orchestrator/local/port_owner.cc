#include "catalog/orchestrator/local/port_owner.h"

#include "catalog/orchestrator/local/local_ports.h"
#include "catalog/orchestrator/process/process_tree.h"

namespace orrery::catalog {

std::string PortOwners::Stranger(int port, pid_t root) {
  const std::vector<ListeningSocket> sockets = Listeners(port);
  // It answered, so an empty table means that it cannot be read.
  if (sockets.empty() || root <= 0) return "";
  if (HoldsSocket(root, sockets)) return "";
  if (!processes_.has_value()) processes_ = ListProcesses();
  for (const ProcessStat& process : Descendants(*processes_, root)) {
    if (HoldsSocket(process.pid, sockets)) return "";
  }
  return DescribeStranger(port);
}

}  // namespace orrery::catalog
