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
// is labelled as the release's; plan.unpinned as CheckPins. What nothing pins.
// Its relations CheckSolution compares.
absl::StatusOr<std::vector<std::string>> CheckStep(
    const ClaimedStep& step, const VerifiedRelease& release,
    bool requires_pins);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_STEP_CHECK_H_
