// Leaves of a proof as facts.

#ifndef RESOLVER_INTERNAL_LEAF_FACTS_H_
#define RESOLVER_INTERNAL_LEAF_FACTS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"

#include "resolver/fact.h"
#include "resolver/internal/leaf.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/nogoods.h"

namespace orrery::resolver::internal {

// What leaves have in common that are one fact: kind, subject, names of the
// targets. The same in every solve of a request.
std::string FactKey(const Leaf& leaf, const Nodes& nodes);

using FactKeys = absl::flat_hash_set<std::string>;

struct KeyedFact {
  std::string key;
  Fact fact;
  // How many leaves it was made from.
  int leaves = 0;
};

// Merges leaves of one key; in order of their keys' first leaves.
std::vector<KeyedFact> FactsOf(std::span<const LeafId> leaves,
                               const Nodes& nodes);

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_LEAF_FACTS_H_
