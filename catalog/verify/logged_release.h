#ifndef CATALOG_VERIFY_LOGGED_RELEASE_H_
#define CATALOG_VERIFY_LOGGED_RELEASE_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/verify/verified_release.h"
#include "registry/judge/release.h"
#include "signing/record/record.h"

namespace orrery::catalog {

// A revision of the log in the form in which an index has releases, as far as
// somebody resolves with it: without descriptions and findings. Of `files` only
// package.json is looked at.
std::shared_ptr<registry::Release> ReleaseOf(
    absl::string_view package, absl::string_view source,
    const signing::RevisionContent& content,
    const std::vector<VerifiedFile>& files);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_LOGGED_RELEASE_H_
