#ifndef CATALOG_RESOLUTION_SOLVE_H_
#define CATALOG_RESOLUTION_SOLVE_H_

#include "absl/status/status.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/resolver_request.h"

namespace orrery::catalog {

// One search, or a look at the lock that is the answer: fills in what was asked
// and how it went, and of a solved one who is there and why. Who is refused is
// told no reason. The errors of LockedAnswer and ReadAnswer.
absl::Status Solve(const ResolveQuery& query, PreparedQuery& prepared,
                   Resolution* out);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_SOLVE_H_
