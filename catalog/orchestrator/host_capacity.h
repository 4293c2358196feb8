// What apps of the `local` target may ask for together (orchestrators.md §3.1).

#ifndef CATALOG_ORCHESTRATOR_HOST_CAPACITY_H_
#define CATALOG_ORCHESTRATOR_HOST_CAPACITY_H_

#include <string>

#include "catalog/orchestrator/local_config.h"

namespace orrery::catalog {

struct Resources {
  double cpus = 0;
  // MiB.
  double mem = 0;
};

// What the host has: processors and memory.
Resources DetectHost();

// What may be handed out: the configured numbers, or those of `host` less the
// reserve, times the overcommit.
Resources CapacityOf(const LocalConfig& config, const Resources& host);

// Empty when `needed` fits beside `used`, else what is missing, in numbers.
std::string DescribeShortage(const Resources& needed, const Resources& used,
                             const Resources& capacity);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_HOST_CAPACITY_H_
