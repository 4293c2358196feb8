// How much a folder takes on the disk.

#ifndef CATALOG_ORCHESTRATOR_TASK_DISK_USAGE_H_
#define CATALOG_ORCHESTRATOR_TASK_DISK_USAGE_H_

#include <cstdint>
#include <string>

namespace orrery::catalog {

// Allocated bytes of `path` and all below it. Links are not followed, and what
// vanishes or may not be read meanwhile does not count. A file with several
// names counts once for each.
int64_t DiskUsage(const std::string& path);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_DISK_USAGE_H_
