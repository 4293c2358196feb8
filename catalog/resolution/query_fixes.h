#ifndef CATALOG_RESOLUTION_QUERY_FIXES_H_
#define CATALOG_RESOLUTION_QUERY_FIXES_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/resolver_request.h"
#include "resolver/fact.h"
#include "resolver/fixes.h"

namespace orrery::catalog {

// What would work instead of a query that cannot be met, for `facts` say why it
// cannot (resolver.md §11.5): what the resolver finds by itself, and what only
// somebody who reads names and ranges can try. What the query allows already is
// not suggested.
absl::StatusOr<std::vector<resolver::Fix>> FixesFor(
    const ResolveQuery& query, const QueryInputs& inputs,
    PreparedQuery& prepared, std::span<const resolver::Fact> facts);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_QUERY_FIXES_H_
