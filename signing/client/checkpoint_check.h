#ifndef SIGNING_CLIENT_CHECKPOINT_CHECK_H_
#define SIGNING_CLIENT_CHECKPOINT_CHECK_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/client/client_state.h"
#include "signing/log/merkle.h"
#include "signing/policy/registry_trust.h"

namespace orrery::signing {

// How far clocks may differ.
inline constexpr absl::Duration kMaxClockSkew = absl::Seconds(300);

// Where the bytes of a checkpoint are from.
enum class Transport { kOnline, kOffline };

struct FreshCheckpoint {
  // What the caller stores before it uses the checkpoint (step 7).
  ClientState state;
  // By how much it is older than the policy's max-age; zero with `quorum none`.
  absl::Duration stale_by = absl::ZeroDuration();
};

// Steps 4 and 5 of trust.md §14.1. Refusals: log.syntax, log.origin,
// log.signature, log.quorum, log.future, log.stale; offline, where max-age may
// be overrun by offline-grace, bundle.stale instead of log.stale.
absl::StatusOr<FreshCheckpoint> CheckCheckpoint(const RegistryTrust& trust,
                                                absl::string_view note,
                                                absl::Time now,
                                                Transport transport);

// Step 6: that `next` goes on from what the client has stored; nullopt: it has
// stored nothing. `hashes` are those of `next`, tied to its root. Refusals:
// log.rollback, log.fork, log.time; log.tile comes from `hashes`.
absl::Status CheckAdvance(const RegistryTrust& trust,
                          const std::optional<ClientState>& stored,
                          const ClientState& next, HashReader& hashes);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_CHECKPOINT_CHECK_H_
