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

// What the leaves below an accepted checkpoint say together, where its last
// leaf agrees.
struct ReplayedLog {
  LogState state;
  // Of the last leaf, which the leaf names.
  std::string catalog;
};

// Step 8 of trust.md §14.1 by replay: reads every leaf and computes the catalog
// again. `stored` is what the client had before. Refusals: index.missing,
// index.mismatch; log.tile comes from `leaves`, which are those of `accepted`.
absl::StatusOr<ReplayedLog> ReplayLog(const RegistryTrust& trust,
                                      const std::optional<ClientState>& stored,
                                      const ClientState& accepted,
                                      absl::Time now, TileReader& leaves);

// From entries that are tied to the root.
absl::StatusOr<Leaf> ReadLeaf(int64_t index, TileReader& leaves);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_REPLAYED_LOG_H_
