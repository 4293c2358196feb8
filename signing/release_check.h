#ifndef SIGNING_RELEASE_CHECK_H_
#define SIGNING_RELEASE_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/candidates.h"
#include "signing/client_policy.h"
#include "signing/log_state.h"
#include "signing/registry_trust.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// How a revision comes to be asked for.
struct RevisionUse {
  // By a lock file, a plan, or in so many words.
  bool is_named_by_tree = false;
  bool is_named_by_revision = false;
  // What is installed; nullopt: nothing.
  std::optional<RevisionKey> installed = {};
  bool allows_source_change = false;
  bool allows_downgrade = false;
};

// A revision that may be used.
struct AdmittedRevision {
  RevisionKey key;
  TreeHash tree;
  std::string version;
  Evidence evidence = Evidence::kObserved;
  RevisionState state = RevisionState::kCurrent;
  // The leaf that carries the evidence.
  int64_t leaf = 0;
  // It came with the first import of its source.
  bool is_of_unknown_age = false;
};

// Whether another release may do: all that is wrong with this one. That
// something cannot be read says nothing of the release.
bool MayTryNextCandidate(const absl::Status& status);

// Steps 9 to 13 of trust.md §14.1 for the packages of one log. What is given
// must outlive it.
class ReleaseCheck {
 public:
  ReleaseCheck(const ClientPolicy& policy, const RegistryTrust& trust,
               const LogState& log, absl::Time now)
      : policy_(policy), trust_(trust), log_(log), now_(now) {}

  // Step 9: name.routed, name.denied, name.reserved. `release`: the one that is
  // asked for, which may be denied for itself.
  absl::Status CheckName(absl::string_view package,
                         std::optional<int64_t> release = std::nullopt) const;
  // Steps 10 and 11: the code of a void leaf that names the package,
  // version.absent, record.syntax for a `distrust` record, and record.keyset
  // for a package whose maintainers sign: neither can this version verify.
  absl::Status CheckPackage(absl::string_view package) const;
  // Steps 12 and 13, and what 9 says of one release. Refusals: version.absent,
  // name.routed, name.denied, record.evidence, record.revoked, version.*.
  absl::StatusOr<AdmittedRevision> CheckRevision(absl::string_view package,
                                                 const RevisionKey& key,
                                                 const RevisionUse& use) const;

  // That the content of an overlay, of those that FindOverlays gives, is not in
  // quarantine: record.revoked.
  absl::Status CheckOverlay(absl::string_view package,
                            const RevisionKey& key) const;

  // Steps 9 to 11, and then the candidates, the first choice first, until
  // `take` takes one: what it says of it, for which the use says how the
  // candidate was named. If none is taken, what it said of the first. Ends as
  // well with what is no fault of the candidate (MayTryNextCandidate).
  absl::Status Choose(
      absl::string_view package, const WantedRevision& wanted, RevisionUse use,
      absl::FunctionRef<absl::Status(const RevisionKey&, const RevisionUse&)>
          take) const;

 private:
  absl::Status CheckEvidence(const RevisionEntry& entry,
                             const Demands& demands) const;
  absl::Status CheckState(absl::string_view package, const RevisionKey& key,
                          const Demands& demands, const RevisionUse& use) const;
  absl::Status CheckAge(const RevisionKey& key, const RevisionEntry& entry,
                        const Demands& demands, bool& is_of_unknown_age) const;
  absl::Status Judge(absl::string_view package, const RevisionKey& key,
                     const RevisionUse& use, AdmittedRevision& admitted) const;

  const ClientPolicy& policy_;
  const RegistryTrust& trust_;
  const LogState& log_;
  const absl::Time now_;
};

}  // namespace orrery::signing

#endif  // SIGNING_RELEASE_CHECK_H_
