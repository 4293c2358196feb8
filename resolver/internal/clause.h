// Requirements as the agenda sees them.

#ifndef RESOLVER_INTERNAL_CLAUSE_H_
#define RESOLVER_INTERNAL_CLAUSE_H_

#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

using NodeIndex = uint32_t;

// Releases of one slot of a node, with features.
struct Choice {
  // What is fixed.
  Place place = kNoPlace;
  // What is decided: `place`, or the place of the node with all the features.
  Place decide = kNoPlace;
  SetId set = 0;
  // The place of each feature, in written order.
  std::vector<Place> features = {};
};

// One candidate of a clause: a node at any value of its choices, one a slot.
struct Option {
  NodeIndex node = 0;
  bool is_fact = false;
  absl::InlinedVector<Choice, 1> choices = {};
};

// A condition: one of the options must hold. `holds` has the values 0, which
// is forced as soon as one does, and absent.
struct ConditionState {
  Place holds = kNoPlace;
  std::vector<Option> options;
};

using ClauseId = uint32_t;
inline constexpr ClauseId kNoClause = ~ClauseId{0};

struct Clause {
  // In the order in which they are tried.
  std::vector<Option> options;
  // Indices of ConditionState; all must hold for the clause to matter.
  std::vector<uint32_t> conditions;
  // The first alternative is a fact, and the cluster has it.
  bool met_by_fact = false;
  // Its fact does not matter in this solve.
  bool is_left_out = false;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_CLAUSE_H_
