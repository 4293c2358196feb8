// Recomputes a proof that there is no solution. For tests.

#ifndef RESOLVER_INTERNAL_PROOF_REPLAY_H_
#define RESOLVER_INTERNAL_PROOF_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "resolver/internal/propagation.h"

namespace orrery::resolver::internal {

struct Replay {
  // Learned nogoods and entries of level 0 that were recomputed.
  size_t steps = 0;
  // What does not follow from what it is said to follow from; empty if the
  // proof holds.
  std::vector<std::string> faults;
};

// Whether each learned nogood that `proof` rests on follows from its parents,
// each entry of level 0 from its reason, and a contradiction from `proof`; with
// sets alone, and with nothing that came later.
Replay ReplayProof(std::span<const int32_t> proof,
                   const Propagation& propagation);

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_PROOF_REPLAY_H_
