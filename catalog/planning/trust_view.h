#ifndef CATALOG_PLANNING_TRUST_VIEW_H_
#define CATALOG_PLANNING_TRUST_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/log_admission.h"
#include "catalog/verify/verified_release.h"
#include "registry/git/source.h"
#include "registry/log/registry_log.h"
#include "signing/client/checkpoint_check.h"
#include "signing/client/evidence_block.h"
#include "signing/client/release_check.h"

namespace orrery::catalog {

// What an operator's policy and this registry's own log say of releases at one
// moment: steps 4 to 15 of trust.md §14.1 without fetching anything. Immutable;
// thread-safe. Failures are refusals with code and place.
class TrustView : public LogAdmission {
 public:
  struct Basis {
    // The log as of the checkpoint.
    LogAdmission::Basis admission;
    signing::FreshCheckpoint checkpoint;
    std::vector<registry::Source> unread_sources;
  };

  // `log` must outlive it.
  TrustView(registry::RegistryLog* log, Basis basis);

  absl::StatusOr<std::vector<PastRelease>> ReadPast(
      const NamedContent& named) const override;

  // Its record and files as the log has them, checked as in step 15; whether
  // they may be used Check says. Without overlays.
  absl::StatusOr<VerifiedRelease> Read(absl::string_view package,
                                       const signing::RevisionKey& key) const;
  // The overlay revision whose relations.json has these bytes and which the
  // policy lets add it to `base`; nothing if there is none.
  absl::StatusOr<std::optional<signing::EvidenceBlock::Overlay>> FindOverlay(
      const VerifiedRelease& base, absl::string_view relations) const;

  signing::EvidenceBlock::Registry Evidence() const;

 protected:
  // Also log.unavailable while a better source than that of `key` was never
  // read, which may have the name (§10.1).
  absl::Status CheckName(absl::string_view package,
                         const signing::RevisionKey& key,
                         const signing::RevisionUse& use) const override;

 private:
  registry::RegistryLog& log_;
  const signing::FreshCheckpoint checkpoint_;
  const std::vector<registry::Source> unread_sources_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_TRUST_VIEW_H_
