#ifndef SIGNING_CLIENT_MAINTAINER_CHAIN_H_
#define SIGNING_CLIENT_MAINTAINER_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/policy/client_policy.h"
#include "signing/policy/names.h"
#include "signing/record/record.h"
#include "signing/record/signer_count.h"
#include "signing/replay/log_state.h"

namespace orrery::signing {

// What of a package's maintainers holds for one client (spec: trust.md §9),
// step 11 of §14.1. Immutable. What is given to Judge must outlive it, and the
// log must not take a leaf in meanwhile.
class MaintainerChain {
 public:
  // Judges all keysets and yanks of the chain, which may be empty; a leaf that
  // `names` excuses has then no effect. Refusals, with the leaf: name.unbound,
  // if nothing anchors the chain and the policy demands sshsig; record.keyset,
  // also for another first keyset than the anchor's; record.signature,
  // record.namespace, record.threshold, record.revoked.
  static absl::StatusOr<MaintainerChain> Judge(absl::string_view name,
                                               const PackageState& package,
                                               const ClientPolicy& policy,
                                               const Names& names);

  // name.unbound if nothing anchors the chain: its releases then prove nothing,
  // and what was observed is what it was.
  const absl::Status& anchor() const { return anchor_; }
  // Without what has no effect.
  const PackageState& package() const {
    return effective_.has_value() ? *effective_ : *package_;
  }

  // The signatures of the release record at a leaf of the chain, by the keyset
  // in force there; `least` is the number of principals that is demanded.
  SignerCount CheckRelease(int64_t leaf, int64_t least) const;

 private:
  MaintainerChain(const PackageState& package, const ClientPolicy& policy,
                  const Names& names)
      : package_(&package), policy_(&policy), names_(&names) {}

  absl::Status Anchor(absl::string_view name);
  absl::Status JudgeAll();
  absl::Status JudgeRecord(size_t at);
  absl::Status JudgeOrExcuse(size_t at);
  bool IsExcused(size_t at) const;
  SignerCount Count(size_t at, int64_t least) const;
  // Before the record at that place of the chain; nullptr if there is none.
  const KeysetRecord* KeysetAt(size_t at) const;
  // Makes package() one without the leaves in `without_effect_`.
  void Drop();

  const PackageState* package_;
  const ClientPolicy* policy_;
  const Names* names_;
  absl::Status anchor_;
  // Those that hold, with their places in the chain.
  std::vector<std::pair<size_t, const KeysetRecord*>> keysets_;
  std::set<int64_t> without_effect_;
  std::optional<PackageState> effective_;
};

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_MAINTAINER_CHAIN_H_
