#ifndef SIGNING_POLICY_TLOG_POLICY_H_
#define SIGNING_POLICY_TLOG_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/log/vkey.h"

namespace orrery::signing {

// The name of the registry's own cosigner among the witnesses.
inline constexpr char kTimestamperName[] = "timestamper";

// Which log and which witnesses are believed (C2SP tlog-policy; spec: trust.md
// §12.1). Times are Unix seconds.
class TlogPolicy {
 public:
  // The refusal trust.syntax, with the line, for what breaks a rule.
  static absl::StatusOr<TlogPolicy> Parse(absl::string_view text);

  // Of one name, which is the log's origin. May be empty: whether a policy
  // without a log will do is its user's to say.
  const std::vector<Vkey>& log_keys() const { return log_keys_; }
  // What OpenCheckpoint asks for. Of types other than 0x04 none ever verifies.
  const std::vector<Vkey>& witness_keys() const { return witness_keys_; }

  // False for `quorum none`.
  bool has_quorum() const { return quorum_.has_value(); }
  // The time that the quorum vouches for, by those of the witnesses, each in
  // the place of its key; nullopt if too few have one. Requires: has_quorum().
  std::optional<uint64_t> QuorumTime(
      std::span<const std::optional<uint64_t>> times) const;
  // Whether somebody besides the timestamper must cosign.
  bool NeedsOutsideWitness() const;

 private:
  friend class TlogPolicyParser;

  // A witness, which is a place in witness_keys_, or a group.
  struct Node {
    std::optional<size_t> witness;
    size_t threshold = 0;
    std::vector<size_t> members;
  };

  TlogPolicy() = default;
  std::optional<uint64_t> TimeOf(
      size_t node, std::span<const std::optional<uint64_t>> times) const;

  std::vector<Vkey> log_keys_;
  std::vector<Vkey> witness_keys_;
  std::vector<Node> nodes_;
  std::optional<size_t> quorum_;
  // Place of its key.
  std::optional<size_t> timestamper_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_TLOG_POLICY_H_
