#ifndef CATALOG_VERIFY_OVERLAY_FILES_H_
#define CATALOG_VERIFY_OVERLAY_FILES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/logged_content.h"
#include "catalog/verify/verified_release.h"
#include "signing/client/release_check.h"

namespace orrery::catalog {

// Whether the relations that an overlay has in its release `number` say that
// they are also of another release of the package (resolver.md §7).
bool CoverAlso(absl::string_view relations, int64_t number,
               absl::string_view package, int64_t release,
               absl::string_view version);

// What overlays of a release's source add to it (spec: trust.md §10.5): files
// that it lacks, by priority of their sources, of those that `check` lets in
// and whose bytes are the logged ones; what is not, is not used. Errors are
// those of reading.
absl::StatusOr<std::vector<VerifiedOverlay>> ReadOverlays(
    const VerifiedRelease& release, const signing::ReleaseCheck& check,
    const LogFiles& files);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_OVERLAY_FILES_H_
