#ifndef CATALOG_RESOLUTION_PAST_RELEASE_TESTING_H_
#define CATALOG_RESOLUTION_PAST_RELEASE_TESTING_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/resolution/past_release.h"
#include "catalog/resolution/release_admission.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"
#include "registry/judge/tree_hash.h"

namespace orrery::catalog {

// Has what a snapshot had, as a log does.
class Remembered : public ReleaseAdmission {
 public:
  explicit Remembered(registry::SnapshotPtr before)
      : before_(std::move(before)) {}

  absl::Status Admit(const registry::Release& /*release*/) const override {
    return absl::OkStatus();
  }
  absl::Status AdmitRunning(const RunningService& /*record*/) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<PastRelease>> ReadPast(
      const NamedContent& named) const override {
    std::vector<PastRelease> past;
    const registry::PackagePtr package = *before_->GetPackage(named.package);
    for (const registry::ReleasePtr& release : package->releases) {
      if (registry::TreeHash(*release) != named.tree) continue;
      auto copy = std::make_shared<registry::Release>(*release);
      copy->not_current = "is not what it was";
      PastRelease& one = past.emplace_back();
      one.release = std::move(copy);
      for (const registry::ReleaseContent& file : release->files) {
        one.contents[*file.digest] = *before_->reader()->Read(*file.digest);
      }
    }
    return past;
  }

 private:
  const registry::SnapshotPtr before_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_PAST_RELEASE_TESTING_H_
