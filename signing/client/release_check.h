#ifndef SIGNING_CLIENT_RELEASE_CHECK_H_
#define SIGNING_CLIENT_RELEASE_CHECK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/client/candidates.h"
#include "signing/client/maintainer_chain.h"
#include "signing/policy/client_policy.h"
#include "signing/policy/registry_trust.h"
#include "signing/replay/log_state.h"
#include "signing/tree_hash.h"
#include "third_party/absl/mutex.h"

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

// A revision, and what says that it may be used.
struct AdmittedRevision {
  RevisionKey key;
  TreeHash tree;
  std::string version;
  Evidence evidence = Evidence::kObserved;
  // Whose signatures carry it, sorted.
  std::vector<std::string> principals;
  // Why what its maintainers sign proves nothing here (name.unbound); else ok.
  absl::Status anchor;
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
// must outlive it, and the log must not take a leaf in meanwhile. Several
// threads may use it at once. Keep it for all questions about one state: the
// chain of a package is judged once.
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
  // version.absent, record.syntax for a `distrust` record, which this version
  // cannot verify, and those of MaintainerChain.
  absl::Status CheckPackage(absl::string_view package) const;
  // Steps 12 and 13, and what 9 and 11 say of one release. Refusals:
  // version.absent, name.routed, name.denied, name.unbound, record.evidence,
  // those of MaintainerChain::CheckRelease, record.revoked, version.*.
  absl::StatusOr<AdmittedRevision> CheckRevision(absl::string_view package,
                                                 const RevisionKey& key,
                                                 const RevisionUse& use) const;

  // What a revision is and what carries it, whether or not it may be used.
  // Requires: the log has it.
  AdmittedRevision Describe(absl::string_view package,
                            const RevisionKey& key) const;

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
  absl::StatusOr<std::shared_ptr<const MaintainerChain>> ChainOf(
      absl::string_view package) const;
  absl::Status CheckEvidence(const MaintainerChain& chain,
                             const RevisionEntry& entry, const Demands& demands,
                             AdmittedRevision& admitted) const;
  absl::Status CheckState(const PackageState& package, const RevisionKey& key,
                          const Demands& demands, const RevisionUse& use) const;
  absl::Status CheckAge(const RevisionKey& key, const RevisionEntry& entry,
                        const Demands& demands, bool& is_of_unknown_age) const;
  absl::Status Judge(absl::string_view package, const RevisionKey& key,
                     const RevisionUse& use, AdmittedRevision& admitted) const;

  const ClientPolicy& policy_;
  const RegistryTrust& trust_;
  const LogState& log_;
  const absl::Time now_;
  mutable Mutex mutex_;
  // By package.
  mutable std::map<std::string,
                   absl::StatusOr<std::shared_ptr<const MaintainerChain>>,
                   std::less<>>
      chains_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_RELEASE_CHECK_H_
