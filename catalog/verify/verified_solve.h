#ifndef CATALOG_VERIFY_VERIFIED_SOLVE_H_
#define CATALOG_VERIFY_VERIFIED_SOLVE_H_

#include "absl/status/statusor.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/solve_basis.h"
#include "catalog/verify/verified_snapshot.h"

namespace orrery::catalog {

// The solve of step 14 of trust.md §14.1: the answer over what a client has
// verified, for the facts and services that `basis` names. No clock ends it,
// only the steps of the query. Refusals: plan.deps for what has no answer in
// form, log.unavailable.
absl::StatusOr<Resolution> SolveVerified(const ResolveQuery& query,
                                         const SolveBasis& basis,
                                         const VerifiedCatalog& catalog);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_VERIFIED_SOLVE_H_
