#ifndef CATALOG_VERIFY_LOG_ADMISSION_H_
#define CATALOG_VERIFY_LOG_ADMISSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/resolution/past_release.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/verify/verified_release.h"
#include "signing/client/release_check.h"
#include "signing/policy/client_policy.h"
#include "signing/policy/registry_trust.h"
#include "signing/record/record.h"
#include "signing/replay/log_state.h"

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
ReleaseContent ContentOf(const RunningService& service);

// What a policy and a log say of releases at one moment: steps 9 to 13 of
// trust.md §14.1. Immutable; thread-safe. Failures are refusals with code and
// place.
class LogAdmission : public ReleaseAdmission {
 public:
  struct Basis {
    std::shared_ptr<const signing::LogState> log;
    signing::ClientPolicy policy;
    signing::RegistryTrust trust;
    absl::Time now;
  };

  explicit LogAdmission(Basis basis);

  bool UsesOverlays(absl::string_view package) const override {
    return DemandsOn(package).overlays.value != signing::OverlayUse::kNone;
  }
  absl::Status Admit(const registry::Release& release) const override;
  absl::Status AdmitRunning(const RunningService& service) const override;
  std::string WhyYanked(const RunningService& service) const override;
  int64_t RevisionOf(const registry::Release& release) const override;
  absl::Status ExplainAbsence(
      absl::string_view package,
      const resolver::VersionRange& versions) const override;

  // The revision with that content: version.absent when the log has no such
  // release, content.tree when it has other contents only.
  absl::StatusOr<signing::RevisionKey> Find(
      const ReleaseContent& content) const;
  // Why its maintainers took a revision back; empty unless they did.
  std::string WhyYanked(absl::string_view package,
                        const signing::RevisionKey& key) const;
  // Revisions of base sources that are so named and not current.
  std::vector<signing::RevisionKey> FindPast(const NamedContent& named) const;
  // Steps 9 to 13 for one revision.
  absl::StatusOr<signing::AdmittedRevision> Check(
      absl::string_view package, const signing::RevisionKey& key,
      const signing::RevisionUse& use) const;

  signing::Demands DemandsOn(absl::string_view package) const {
    return basis_.policy.DemandsOn(package);
  }

 protected:
  // Steps 9 to 11.
  virtual absl::Status CheckName(absl::string_view package,
                                 const signing::RevisionKey& key,
                                 const signing::RevisionUse& use) const;

  // A revision that FindPast gave, with its files.
  PastRelease PastOf(absl::string_view package, const signing::RevisionKey& key,
                     const signing::RevisionContent& content,
                     const std::vector<VerifiedFile>& files) const;

  const signing::ReleaseCheck& check() const { return check_; }
  const signing::LogState& log() const { return *basis_.log; }
  const signing::ClientPolicy& policy() const { return basis_.policy; }
  const signing::RegistryTrust& trust() const { return basis_.trust; }

 private:
  absl::Status CheckContent(const ReleaseContent& content,
                            const signing::RevisionUse& use) const;

  const Basis basis_;
  const signing::ReleaseCheck check_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_LOG_ADMISSION_H_
