#ifndef CATALOG_TRUST_VIEW_H_
#define CATALOG_TRUST_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/resolution/release_admission.h"
#include "catalog/verify/verified_release.h"
#include "registry/git/source.h"
#include "registry/log/registry_log.h"
#include "signing/checkpoint_check.h"
#include "signing/client_policy.h"
#include "signing/evidence_block.h"
#include "signing/log_state.h"
#include "signing/registry_trust.h"
#include "signing/release_check.h"

namespace orrery::catalog {

// One content of a release.
struct ReleaseContent {
  std::string package;
  std::string source;
  int64_t release = 0;
  // `h1:…`; empty: that of its latest revision.
  std::string tree;
};

ReleaseContent ContentOf(const registry::Release& release);
ReleaseContent ContentOf(const ServiceRecord& record);

// What an operator's policy and this registry's own log say of releases at one
// moment: steps 4 to 15 of trust.md §14.1 without fetching anything. Immutable;
// thread-safe. Failures are refusals with code and place.
class TrustView : public ReleaseAdmission {
 public:
  struct Basis {
    // Of the checkpoint.
    std::shared_ptr<const signing::LogState> log;
    signing::ClientPolicy policy;
    signing::RegistryTrust trust;
    signing::FreshCheckpoint checkpoint;
    std::vector<registry::Source> unread_sources;
    absl::Time now;
  };

  // `log` must outlive it.
  TrustView(registry::RegistryLog* log, Basis basis);

  bool UsesOverlays(absl::string_view package) const override {
    return DemandsOn(package).overlays.value != signing::OverlayUse::kNone;
  }
  absl::Status Admit(const registry::Release& release) const override;
  absl::Status AdmitRunning(const ServiceRecord& record) const override;
  int64_t RevisionOf(const registry::Release& release) const override;
  absl::Status ExplainAbsence(
      absl::string_view package,
      const resolver::VersionRange& versions) const override;

  // The revision with that content: version.absent when the log has no such
  // release, content.tree when it has other contents only.
  absl::StatusOr<signing::RevisionKey> Find(
      const ReleaseContent& content) const;
  // Steps 9 to 13.
  absl::Status Check(absl::string_view package, const signing::RevisionKey& key,
                     const signing::RevisionUse& use) const;
  // Its record and files as the log has them, checked as in step 15; whether
  // they may be used Check says. Without overlays.
  absl::StatusOr<VerifiedRelease> Read(absl::string_view package,
                                       const signing::RevisionKey& key) const;
  // The overlay revision whose relations.json has these bytes and which the
  // policy lets add it to releases of `base`; nothing if there is none.
  absl::StatusOr<std::optional<signing::EvidenceBlock::Overlay>> FindOverlay(
      absl::string_view package, absl::string_view base,
      absl::string_view relations) const;

  signing::Demands DemandsOn(absl::string_view package) const {
    return policy_.DemandsOn(package);
  }
  signing::EvidenceBlock::Registry Evidence() const;

 private:
  absl::Status CheckContent(const ReleaseContent& content,
                            const signing::RevisionUse& use) const;
  // Steps 9 to 11, and log.unavailable while a better source than `source` was
  // never read, which may have the name (§10.1).
  absl::Status CheckName(absl::string_view package,
                         const signing::RevisionKey& key,
                         const signing::RevisionUse& use) const;

  registry::RegistryLog& log_;
  const std::shared_ptr<const signing::LogState> state_;
  const signing::ClientPolicy policy_;
  const signing::RegistryTrust trust_;
  const signing::FreshCheckpoint checkpoint_;
  const std::vector<registry::Source> unread_sources_;
  const signing::ReleaseCheck check_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_TRUST_VIEW_H_
