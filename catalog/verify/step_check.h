#ifndef CATALOG_VERIFY_STEP_CHECK_H_
#define CATALOG_VERIFY_STEP_CHECK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/verify/plan_document.h"
#include "catalog/verify/verified_release.h"

namespace orrery::catalog {

// That a step says of its release what the verified files say. plan.digest
// unless it has the version, the package definition, the pins and a job that
// is labelled as the release's; plan.deps unless its relations are those of
// the release or of an overlay of it; plan.unpinned as CheckPins. What nothing
// pins.
absl::StatusOr<std::vector<std::string>> CheckStep(
    const ClaimedStep& step, const VerifiedRelease& release,
    bool requires_pins);

// Step 14 of trust.md §14.1 for a set that is proposed: plan.deps unless each
// requirement of a step that holds without a condition is met by another step
// or by what the step uses, and each service that comes with others is required
// by one of them. `others`: services that the plan leaves as they are, with
// their verified relations.
absl::Status CheckNeeds(const std::vector<ClaimedStep>& steps,
                        const std::set<std::string>& asked,
                        const std::vector<ClaimedStep>& others);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_STEP_CHECK_H_
