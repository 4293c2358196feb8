#ifndef CATALOG_VERIFY_SOLUTION_CHECK_H_
#define CATALOG_VERIFY_SOLUTION_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/resolution.h"
#include "catalog/verify/plan_document.h"

namespace orrery::catalog {

// Step 14 of trust.md §14.1 for a proposed plan: plan.deps unless it is the
// answer that the client has found itself. `proposed` is the text of the
// server's lock nodes, which must be that of `own`; and the steps do to
// services what `own` says, nothing else and nothing less. A service that stays
// may be told something new.
absl::Status CheckSolution(const std::vector<ClaimedStep>& steps,
                           absl::string_view proposed, const Resolution& own);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_SOLUTION_CHECK_H_
