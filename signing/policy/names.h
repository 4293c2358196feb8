#ifndef SIGNING_POLICY_NAMES_H_
#define SIGNING_POLICY_NAMES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/policy/name_pattern.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// What the name authority of a registry says (spec: trust.md §12.2). Admission
// keys and resets are read and have no effect yet.
class Names {
 public:
  // The refusal trust.syntax, with the line, for what breaks a rule; also for
  // `bind-scope` and `revoke-key`, which are not supported yet and must not be
  // passed over.
  static absl::StatusOr<Names> Parse(absl::string_view text);

  // trust.client for a version, x.y.z, below `min-client`.
  absl::Status CheckClient(absl::string_view version) const;
  // name.reserved for a name that is reserved and not bound.
  absl::Status CheckReserved(absl::string_view package) const;
  // record.revoked for a content in quarantine.
  absl::Status CheckBlocked(absl::string_view package, int64_t release,
                            const TreeHash& tree) const;
  // The statement of keyset 1 that the package is bound to; nullptr if none.
  const Digest* FindBinding(absl::string_view package) const;
  // Whether the leaf, which is void, refuses nothing.
  bool IsExcused(int64_t leaf, const Digest& leaf_hash) const;

 private:
  friend class NamesParser;

  using Version = std::tuple<uint64_t, uint64_t, uint64_t>;
  static absl::StatusOr<Version> ReadVersion(absl::string_view text);

  Names() = default;

  std::string min_client_;
  PatternTable<bool> reserved_;
  std::map<std::string, Digest, std::less<>> bindings_;
  std::set<std::tuple<std::string, int64_t, TreeHash>> blocked_;
  std::map<int64_t, Digest> excused_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_NAMES_H_
