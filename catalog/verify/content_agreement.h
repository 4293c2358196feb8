#ifndef CATALOG_VERIFY_CONTENT_AGREEMENT_H_
#define CATALOG_VERIFY_CONTENT_AGREEMENT_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/verified_release.h"
#include "signing/record/record.h"

namespace orrery::catalog {

// The rest of step 15 of trust.md §14.1, once the files are known to be the
// signed ones: content.identity unless package.json names this package and the
// record's version, relations.json has exactly the record's requirements, and
// artifacts.json promises what the record's lines do where both name a thing.
absl::Status CheckAgreement(absl::string_view package,
                            const signing::RevisionContent& content,
                            const std::vector<VerifiedFile>& files);

// The same for what an overlay adds, which has no package.json, and whose
// version is that of another record.
absl::Status CheckOverlayAgreement(absl::string_view package,
                                   const signing::RevisionContent& content,
                                   const std::vector<VerifiedFile>& files);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_CONTENT_AGREEMENT_H_
