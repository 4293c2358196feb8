#ifndef CATALOG_VERIFY_BUNDLE_DEPENDENCIES_H_
#define CATALOG_VERIFY_BUNDLE_DEPENDENCIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/verify/verified_release.h"
#include "catalog/verify/verifier.h"
#include "signing/client/candidates.h"

namespace orrery::catalog {

struct PackageRevision {
  std::string package;
  signing::RevisionKey key;
};

// What runs with a release where nothing else does, itself included: the answer
// of a solve over what the policy of `verifier` admits of the log. bundle.gap
// when there is none.
absl::StatusOr<std::vector<PackageRevision>> FindDependencies(
    Verifier& verifier, const VerifiedRelease& release);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_DEPENDENCIES_H_
