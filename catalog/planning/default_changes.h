#ifndef CATALOG_PLANNING_DEFAULT_CHANGES_H_
#define CATALOG_PLANNING_DEFAULT_CHANGES_H_

#include <vector>

#include "catalog/store/plan.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// Options that have another default in `to` than in `from` (roots of
// config.json), and that none of `given` sets; by pointer.
std::vector<DefaultChange> DefaultChanges(
    const registry::JsonValue& from, const registry::JsonValue& to,
    const std::vector<registry::JsonValue>& given);

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_DEFAULT_CHANGES_H_
