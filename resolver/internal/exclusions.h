// What cannot be side by side: conflicts, bounds, claims.

#ifndef RESOLVER_INTERNAL_EXCLUSIONS_H_
#define RESOLVER_INTERNAL_EXCLUSIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "resolver/internal/given_nogoods.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/propagation.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::resolver::internal {

// Holds between all instances, those that come later too.
class Exclusions {
 public:
  // All must outlive this.
  Exclusions(Nodes* nodes, Propagation* propagation, GivenNogoods* given)
      : nodes_(*nodes), propagation_(*propagation), given_(*given) {}

  // Call for each node once, in order: applies to it what is known so far.
  void AddNode(NodeIndex node);

  // What the releases of a loaded node claim.
  void AddClaims(NodeIndex node);

  // Those conflicts and bounds of a loaded node that all releases that are left
  // at its place have, or all that any has that is not gone for good.
  void Extend(Place place, NodeIndex node, bool all);

 private:
  // That some releases of a package cannot be with some of `owner`.
  struct Restriction {
    NodeIndex owner = 0;
    const RankSet* ranks = nullptr;
    const PackageRanks* target = nullptr;
    // Of the target package, all but the ranks named are excluded.
    bool is_bound = false;
    LeafId leaf = kNoLeaf;
  };

  void ExtendList(Place place, NodeIndex node, bool is_bound, bool all);
  void AddRestriction(NodeIndex node, const Shared<Target>& shared,
                      bool is_bound);
  void Apply(const Restriction& restriction, NodeIndex target);
  void ApplyToOwnPackage(const Restriction& restriction, Place owner,
                         Place target, const RankSet& ranks);

  Nodes& nodes_;
  Propagation& propagation_;
  GivenNogoods& given_;
  absl::flat_hash_map<PackageId, std::vector<Restriction>> restrictions_;
  // Claim to its holders.
  absl::flat_hash_map<std::string, std::vector<std::pair<Place, SetId>>>
      claims_;
  // Nodes from here on are not added.
  NodeIndex next_node_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_EXCLUSIONS_H_
