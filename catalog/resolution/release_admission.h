#ifndef CATALOG_RESOLUTION_RELEASE_ADMISSION_H_
#define CATALOG_RESOLUTION_RELEASE_ADMISSION_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "catalog/service_record.h"
#include "registry/judge/release.h"
#include "resolver/version_range.h"

namespace orrery::catalog {

// What the operator's policy says of releases at one moment (spec: trust.md
// §12.3). Thread-safe. Failures are refusals with their codes.
class ReleaseAdmission {
 public:
  virtual ~ReleaseAdmission() = default;

  // Whether relations of overlays count for a package.
  virtual bool UsesOverlays(absl::string_view /*package*/) const {
    return true;
  }
  // Whether the release may be chosen anew.
  virtual absl::Status Admit(const registry::Release& release) const = 0;
  // Whether what the service runs would still be let in. It stays in any case.
  virtual absl::Status AdmitRunning(const ServiceRecord& record) const = 0;
  // Which revision of the release the log has with this content; 1 where it has
  // none.
  virtual int64_t RevisionOf(const registry::Release& /*release*/) const {
    return 1;
  }
  // Why a release in that range is not offered, if the log says it:
  // version.withdrawn, version.yanked. OK when it says nothing.
  virtual absl::Status ExplainAbsence(
      absl::string_view /*package*/,
      const resolver::VersionRange& /*versions*/) const {
    return absl::OkStatus();
  }
};

using ReleaseAdmissionPtr = std::shared_ptr<const ReleaseAdmission>;

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RELEASE_ADMISSION_H_
