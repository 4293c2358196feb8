#ifndef CATALOG_RESOLUTION_LOCKED_WHY_H_
#define CATALOG_RESOLUTION_LOCKED_WHY_H_

#include "absl/status/statusor.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/resolution.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// What a lock says is there and why, as an answer for WhyToJson. Requirements
// are those of releases that the catalogue still has; of others they are empty.
absl::StatusOr<Resolution> LockedResolution(const Lock& lock,
                                            const registry::SnapshotPtr& now,
                                            PackageFactsCache* cache);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOCKED_WHY_H_
