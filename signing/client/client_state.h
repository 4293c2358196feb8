#ifndef SIGNING_CLIENT_CLIENT_STATE_H_
#define SIGNING_CLIENT_CLIENT_STATE_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/checkpoint.h"
#include "signing/log/vkey.h"

namespace orrery::signing {

// The checkpoint that a client has accepted last from a registry: the file
// `checkpoint` of its state (spec: trust.md §13). The caller writes it whole
// and durably before it uses the checkpoint for anything.
struct ClientState {
  Checkpoint checkpoint;
  uint64_t quorum_time = 0;  // Unix seconds; 0 with `quorum none`
  Digest tlog_policy;        // of the file under which it was accepted
  std::string note;          // bytes of the checkpoint's note

  bool operator==(const ClientState&) const = default;
};

std::string FormatClientState(const ClientState& state);

// The refusal state.corrupt for other bytes, a note that is not the header's, a
// log that is not that of `log_keys`, and a wrong signature by one of them. A
// note that none of them has signed is good: a log key may have been rotated.
absl::StatusOr<ClientState> ParseClientState(absl::string_view bytes,
                                             std::span<const Vkey> log_keys);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_CLIENT_STATE_H_
