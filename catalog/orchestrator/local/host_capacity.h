// What apps of the `local` target may ask for together (orchestrators.md §3.1).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_HOST_CAPACITY_H_
#define CATALOG_ORCHESTRATOR_LOCAL_HOST_CAPACITY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

// What the host has: processors and memory.
Resources DetectHost();

// MiB that the host could give to programs now, from the text of /proc/meminfo;
// nothing where that does not say.
std::optional<double> AvailableMem(absl::string_view meminfo);

// What may be handed out: the configured numbers, or those of `host` less the
// reserve, times the overcommit.
Resources CapacityOf(const LocalConfig& config, const Resources& host);

// Empty when `needed` fits beside `used`, else what is missing, in numbers.
std::string DescribeShortage(const Resources& needed, const Resources& used,
                             const Resources& capacity);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_HOST_CAPACITY_H_
