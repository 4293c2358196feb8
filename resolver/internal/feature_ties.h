// Nodes with features on as places of their own, tied to those of the node.

#ifndef RESOLVER_INTERNAL_FEATURE_TIES_H_
#define RESOLVER_INTERNAL_FEATURE_TIES_H_

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "resolver/internal/clause.h"
#include "resolver/internal/given_nogoods.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/propagation.h"

namespace orrery::resolver::internal {

class FeatureTies {
 public:
  // All must outlive this.
  FeatureTies(Nodes* nodes, Propagation* propagation, GivenNogoods* given)
      : nodes_(*nodes), propagation_(*propagation), given_(*given) {}

  // The places of a node with these features on. Those that are new are tied
  // to it: it has the release that they have.
  FeaturePlaces PlacesWith(NodeIndex node,
                           const std::vector<std::string>& features);

  // The node is loaded now, so it is known who has its features.
  void AddLoaded(NodeIndex node);

  // The feature is on wherever the node is. Requires: it is loaded and has it.
  void Keep(NodeIndex node, const std::string& feature, LeafId leaf);

  // Excludes releases without the feature at some places that need it. False
  // if there are none.
  bool FinishOne();

 private:
  void Tie(NodeIndex node, const FeaturePlaces& feature);
  void Finish(NodeIndex node, size_t places);

  Nodes& nodes_;
  Propagation& propagation_;
  GivenNogoods& given_;
  std::deque<std::pair<NodeIndex, size_t>> new_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_FEATURE_TIES_H_
