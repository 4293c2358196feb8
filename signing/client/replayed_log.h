#ifndef SIGNING_CLIENT_REPLAYED_LOG_H_
#define SIGNING_CLIENT_REPLAYED_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "signing/client/client_state.h"
#include "signing/log/tile_reader.h"
#include "signing/policy/registry_trust.h"
#include "signing/record/leaf.h"
#include "signing/replay/log_state.h"

namespace orrery::signing {

// What a client knows of the leaves of a checkpoint from an earlier run.
enum class KnownLeaves {
  kNone,
  // They passed this step, by the rules of today, and none of them is void.
  kGood,
};

// Step 8 of trust.md §14.1 by replay: what the leaves below an accepted
// checkpoint say together, where the last of them agrees. Every leaf is read
// and, unless they are known, judged and the catalog computed again. `stored`
// is what the client had before. Refusals: index.missing, index.mismatch;
// log.tile comes from `leaves`, which are those of `accepted`.
absl::StatusOr<LogState> ReplayLog(const RegistryTrust& trust,
                                   const std::optional<ClientState>& stored,
                                   const ClientState& accepted,
                                   KnownLeaves known, absl::Time now,
                                   TileReader& leaves);

// From entries that are tied to the root.
absl::StatusOr<Leaf> ReadLeaf(int64_t index, TileReader& leaves);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_REPLAYED_LOG_H_
