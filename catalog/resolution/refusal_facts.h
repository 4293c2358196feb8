#ifndef CATALOG_RESOLUTION_REFUSAL_FACTS_H_
#define CATALOG_RESOLUTION_REFUSAL_FACTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolver_request.h"
#include "resolver/fact.h"

namespace orrery::catalog {

// Tells `out`, whose cluster is known, why there is no answer: the facts of a
// proof, and behind them what the cluster has and what the user's options take
// away, which meet nothing and so are in no proof. Returns them.
absl::StatusOr<std::vector<resolver::Fact>> ExplainRefusal(
    PreparedQuery& prepared, uint64_t max_steps, Resolution* out);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_REFUSAL_FACTS_H_
