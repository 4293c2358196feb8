// What an answer rests on beside releases.

#ifndef CATALOG_RESOLUTION_SOLVE_BASIS_H_
#define CATALOG_RESOLUTION_SOLVE_BASIS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/running_service.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// For who solves again (spec: trust.md §14.1, step 14): the facts and services
// of the cluster, which are the server's word, and the answer to be found.
struct SolveBasis {
  // Nothing: no cluster was looked at.
  std::optional<std::map<std::string, std::string>> facts;
  std::vector<RunningService> services;
  // The text of the member `nodes` of a lock.
  std::string nodes;
};

registry::JsonValue SolveBasisToJson(const SolveBasis& basis);
// kInvalidArgument when `json` is none.
absl::StatusOr<SolveBasis> SolveBasisFromJson(const registry::JsonValue& json);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_SOLVE_BASIS_H_
