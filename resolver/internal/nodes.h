// The nodes of a solve and their places.

#ifndef RESOLVER_INTERNAL_NODES_H_
#define RESOLVER_INTERNAL_NODES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

#include "resolver/internal/clause.h"
#include "resolver/internal/instances.h"
#include "resolver/internal/leaf.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/value_order.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

using LeafFilter = std::function<bool(const Leaf&)>;

// The places of a node with all of these features on, one a slot.
struct FeaturePlaces {
  // Sorted.
  std::vector<std::string> names;
  std::vector<Place> places;
};

struct NodeState {
  Node node;
  std::string text;
  bool is_fact = false;
  std::span<const Candidate> candidates;
  // What runs, and whether the request leaves it to the solver to keep it.
  std::optional<Rank> installed;
  bool updated = false;
  bool named = false;
  std::optional<Rank> preferred;
  ValueOrder order;
  // Of an installed node that is to change as little as it can.
  ValueOrder nearest;
  // One a slot, in order of the slots' first releases.
  std::vector<Place> places;
  std::vector<FeaturePlaces> features;

  // Null until loaded. The clauses stand as the distinct requirements do,
  // kNoClause until they are encoded; the flags as conflicts and bounds do.
  const PackageRelations* relations = nullptr;
  std::vector<ClauseId> clauses;
  std::vector<std::vector<ClauseId>> feature_clauses;
  std::vector<bool> has_conflict;
  std::vector<bool> has_bound;
  // All of it is encoded, but for features.
  bool is_whole = false;

  Value absent() const { return static_cast<Value>(candidates.size()); }
};

// What a place stands for. `node` is kNoNode for places of no node.
struct PlaceUse {
  static constexpr NodeIndex kNoNode = ~NodeIndex{0};
  NodeIndex node = kNoNode;
  // An index into NodeState::features, or -1 for the node itself.
  int32_t features = -1;
};

// Makes nodes when they are first named, with everything cut from their
// domains that the request cuts.
class Nodes {
 public:
  // All must outlive this. If `filter` is not empty, what has a leaf holds only
  // if the filter says so.
  Nodes(const Request& request, MetadataSource& source,
        Propagation* propagation, LeafFilter filter);

  // Makes the node if it is new.
  absl::StatusOr<NodeIndex> IndexOf(const Node& node);
  // Its places with these features on; makes them if they are new.
  // Requires: `features` is not empty.
  const FeaturePlaces& PlacesWith(NodeIndex node,
                                  std::vector<std::string> features);

  // Before the node is made: a request item names it.
  void MarkNamed(const Node& node) { named_.insert(node); }

  // All that PlacesWith made.
  size_t feature_places() const { return feature_places_; }

  size_t size() const { return nodes_.size(); }
  NodeState& state(NodeIndex node) { return nodes_[node]; }
  const NodeState& state(NodeIndex node) const { return nodes_[node]; }
  // All instances of a package so far.
  std::span<const NodeIndex> InstancesOf(PackageId package) const;
  PlaceUse use(Place place) const {
    return place < uses_.size() ? uses_[place] : PlaceUse();
  }
  const Instances& instances() const { return instances_; }
  bool IsFact(PackageId package) const { return facts_.contains(package); }
  bool IsRemoved(const Node& node) const { return removed_.contains(node); }

  // The ranks of `ranks` that `place` could have.
  Row RowAt(Place place, const RankSet& ranks) const;
  // All other values of the place, absent too.
  Row RowOutside(Place place, const RankSet& ranks) const;

  // kLeftOut if the filter says that it does not hold.
  LeafId AddLeaf(Leaf leaf);
  const std::vector<Leaf>& leaves() const { return leaves_; }

 private:
  void ReadRequest(NodeState* state) const;
  std::vector<Cut> CutsOf(NodeIndex node);
  void CutBarred(NodeIndex node, std::vector<Cut>* cuts);
  void AddPlaces(NodeIndex node);
  void AddCut(Row set, Leaf leaf, std::vector<Cut>* cuts);

  LeafFilter filter_;
  const Request& request_;
  MetadataSource& source_;
  Propagation& propagation_;
  Instances instances_;
  absl::flat_hash_map<Node, const InstalledNode*> installed_;
  absl::flat_hash_set<Node> updated_;
  absl::flat_hash_set<Node> named_;
  absl::flat_hash_map<Node, Rank> preferred_;
  absl::flat_hash_map<Node, Rank> locked_;
  absl::flat_hash_set<Node> removed_;
  // Those the cluster does not have have no rank.
  absl::flat_hash_map<PackageId, std::optional<Rank>> facts_;
  absl::flat_hash_set<PackageId> excluded_;
  absl::flat_hash_map<PackageId, std::vector<const PackageRanks*>> limits_;

  std::vector<NodeState> nodes_;
  // Of a package's own instance, and of others.
  std::vector<NodeIndex> index_;
  absl::flat_hash_map<Node, NodeIndex> instance_index_;
  absl::flat_hash_map<PackageId, std::vector<NodeIndex>> of_package_;
  std::vector<PlaceUse> uses_;
  size_t feature_places_ = 0;
  std::vector<Leaf> leaves_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_NODES_H_
