// Which given nogoods there is no solution because of.

#ifndef RESOLVER_INTERNAL_PROOF_H_
#define RESOLVER_INTERNAL_PROOF_H_

#include <cstdint>
#include <span>
#include <vector>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"

namespace orrery::resolver::internal {

// The leaves of a lesson without terms, from its parents; ascending. They may
// be more than are needed. Requires: nothing was taken back since.
std::vector<LeafId> LeavesOf(std::span<const int32_t> parents,
                             const Propagation& propagation);

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_PROOF_H_
