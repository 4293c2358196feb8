#ifndef CATALOG_RESOLUTION_RELEASE_ADMISSION_H_
#define CATALOG_RESOLUTION_RELEASE_ADMISSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/past_release.h"
#include "catalog/resolution/running_service.h"
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
  // Whether the release may be chosen anew; one that is not current, by who
  // names its content.
  virtual absl::Status Admit(const registry::Release& release) const = 0;
  // Whether what the service runs would still be let in. It stays in any case.
  virtual absl::Status AdmitRunning(const RunningService& record) const = 0;
  // Why the maintainers took back what the service runs; empty unless they did.
  virtual std::string WhyYanked(const RunningService& /*service*/) const {
    return "";
  }
  // Which revision of the release the log has with this content; 1 where it has
  // none.
  virtual int64_t RevisionOf(const registry::Release& /*release*/) const {
    return 1;
  }
  // Contents that are so named and that the log has, but not as current ones;
  // verified bytes.
  virtual absl::StatusOr<std::vector<PastRelease>> ReadPast(
      const NamedContent& /*named*/) const {
    return std::vector<PastRelease>();
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
