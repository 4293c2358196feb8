#ifndef CATALOG_RESOLUTION_OUTDATED_H_
#define CATALOG_RESOLUTION_OUTDATED_H_

#include <string>

#include "absl/status/statusor.h"

#include "catalog/resolution/package_resolver.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// Of every service of a cluster what runs, what it can get with the least
// change, what is newest, and what holds it back (resolver.md §14.3). kNotFound
// when there is no such cluster; as CheckSolved when what runs does not fit
// together any more.
absl::StatusOr<registry::JsonValue> OutdatedToJson(const std::string& cluster,
                                                   PackageResolver& resolver);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_OUTDATED_H_
