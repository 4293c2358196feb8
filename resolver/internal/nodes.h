// The nodes of a solve and their places.

#ifndef RESOLVER_INTERNAL_NODES_H_
#define RESOLVER_INTERNAL_NODES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/internal/clause.h"
#include "resolver/internal/instances.h"
#include "resolver/internal/leaf.h"
#include "resolver/internal/package_index.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/stable_list.h"
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

// What few packages have, of a node that is loaded.
struct LoadedExtras {
  // Of each feature, as its distinct requirements stand, kNoClause until they
  // are encoded.
  std::vector<std::vector<ClauseId>> feature_clauses;
  // Whether each is encoded.
  std::vector<bool> has_conflict;
  std::vector<bool> has_bound;
  // Of NodeState::features, those that are on wherever the node is.
  std::vector<size_t> kept_features;
};

struct NodeState {
  bool is_fact = false;
  CandidateTraits traits = {};
  bool updated = false;
  bool named = false;
  // Of its clauses, the first in the list of Encoding.
  uint32_t clauses = 0;
  // Null until loaded.
  const PackageRelations* relations = nullptr;
  // One a slot, in order of the slots' first releases. Of several slots, each
  // is kNoPlace until somebody asks for it.
  absl::InlinedVector<Place, 1> places;
  // Of each of several slots, from its first release to its last.
  std::vector<RankInterval> slots;
  // What runs, and whether the request leaves it to the solver to keep it.
  std::optional<Rank> installed;
  std::optional<Rank> preferred;
  std::span<const Candidate> candidates;
  ValueOrder order;
  // Of an installed node that is to change as little as it can.
  std::unique_ptr<ValueOrder> nearest;
  Node node;
  std::vector<FeaturePlaces> features;
  // Null if there are none.
  std::unique_ptr<LoadedExtras> extras;

  RankSet all() const { return RankSet::All(candidates.size()); }
  // Whether the slot may have any of the ranks; quicker than to look.
  bool MayHave(size_t slot, const RankSet& ranks) const {
    return slots.empty() || ranks.Meets(slots[slot]);
  }
  // The slot that has all of the ranks; nothing if there may be several.
  std::optional<size_t> OnlySlotOf(const RankInterval& ranks) const;
};

// What a place stands for. `node` is kNoNode for places of no node.
struct PlaceUse {
  static constexpr NodeIndex kNoNode = ~NodeIndex{0};
  NodeIndex node = kNoNode;
  // An index into NodeState::features, or -1 for the node itself.
  int32_t features = -1;
  // What its value 0 stands for.
  Rank first = 0;
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
  // The same for the package's own instance.
  absl::StatusOr<NodeIndex> IndexOf(PackageId package) {
    const NodeIndex known = index_.Get(package);
    return known != PackageIndex::kNone ? known : AddOwn(package);
  }
  // Requires: it is made.
  NodeIndex KnownIndexOf(const Node& node) const;
  // Of the package's own instance, if it is made and has no more than one.
  Place OnlyPlaceOf(PackageId package) const {
    const NodeIndex node = index_.Get(package);
    if (node == PackageIndex::kNone) return kNoPlace;
    const auto& places = nodes_[node].places;
    return places.size() == 1 ? places.front() : kNoPlace;
  }
  // Makes the place if it is new.
  Place PlaceOf(NodeIndex node, size_t slot) {
    const Place known = nodes_[node].places[slot];
    return known != kNoPlace ? known : AddSlotPlace(node, slot);
  }
  // The same for all slots.
  std::span<const Place> AllPlacesOf(NodeIndex node);

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
  absl::string_view NameOf(NodeIndex node) const {
    return source_.Name(nodes_[node].node.package);
  }
  // `kafka`, or `kafka@prod`.
  std::string TextOf(NodeIndex node) const {
    return instances_.TextOf(nodes_[node].node);
  }
  // All instances of a package so far. Valid until the next IndexOf.
  std::span<const NodeIndex> InstancesOf(PackageId package) const;
  PlaceUse use(Place place) const {
    return place < uses_.size() ? uses_[place] : PlaceUse();
  }
  Window window(Place place) const {
    return {use(place).first, propagation_.trail().absent(place)};
  }
  // Whether it is a place for that release of its node.
  bool IsFor(Place place, Rank rank) const;
  const Instances& instances() const { return instances_; }
  bool IsFact(PackageId package) const { return facts_.contains(package); }
  bool IsRemoved(const Node& node) const { return removed_.contains(node); }
  bool IsInstalled(const Node& node) const { return installed_.contains(node); }

  // What runs there; null if nothing does.
  const InstalledNode* RunningAt(NodeIndex node) const;
  // What the member stands for at this node of its package.
  RankSet RanksAt(NodeIndex node, const PackageRanks& member) const;

  // Whether all values that are left at the place are in `ranks`.
  bool IsAllOf(Place place, const RankSet& ranks) const;

  // The ranks of `ranks` that `place` could have.
  Row RowAt(Place place, const RankSet& ranks) const;
  SetId SetAt(Place place, const RankSet& ranks);
  // All other values of the place, absent too.
  SetId OthersAt(Place place, const RankInterval& ranks);
  Row RowOutside(Place place, const RankSet& ranks) const;

  bool has_installed() const { return !installed_.empty(); }

  // Whether leaves may be left out.
  bool has_filter() const { return filter_ != nullptr; }
  // kLeftOut if the filter says that it does not hold.
  LeafId AddLeaf(const Leaf& leaf);
  const std::vector<Leaf>& leaves() const { return leaves_; }

 private:
  absl::StatusOr<NodeIndex> Add(const Node& node);
  absl::StatusOr<NodeIndex> AddOwn(PackageId package);
  void ReadRequest(NodeState* state) const;
  bool IsUncut(const NodeState& state) const;
  // Of a place that has that window.
  std::vector<Cut> CutsOf(NodeIndex node, const Window& window);
  void CutBarred(NodeIndex node, const Window& window, std::vector<Cut>* cuts);
  void AddPlaces(NodeIndex node);
  Place AddSlotPlace(NodeIndex node, size_t slot);
  void SetUse(Place place, PlaceUse use);
  void AddCut(Row set, RankSet ranks, Leaf leaf, std::vector<Cut>* cuts);

  LeafFilter filter_;
  const Request& request_;
  MetadataSource& source_;
  Propagation& propagation_;
  // The request says nothing of single nodes.
  bool is_request_plain_ = false;
  Instances instances_;
  absl::flat_hash_map<Node, const InstalledNode*> installed_;
  absl::flat_hash_set<Node> updated_;
  absl::flat_hash_set<Node> named_;
  absl::flat_hash_map<Node, Rank> preferred_;
  absl::flat_hash_set<std::pair<Node, Rank>> allowed_;
  absl::flat_hash_map<Node, Rank> locked_;
  absl::flat_hash_set<Node> removed_;
  // Those the cluster does not have have no rank.
  absl::flat_hash_map<PackageId, std::optional<Rank>> facts_;
  absl::flat_hash_set<PackageId> excluded_;
  absl::flat_hash_map<PackageId, std::vector<const PackageRanks*>> limits_;

  StableList<NodeState> nodes_;
  // Of a package's own instance, and of others.
  PackageIndex index_;
  absl::flat_hash_map<Node, NodeIndex> instance_index_;
  // Of packages that have others than their own instance, all.
  absl::flat_hash_map<PackageId, std::vector<NodeIndex>> of_package_;
  std::vector<PlaceUse> uses_;
  size_t feature_places_ = 0;
  std::vector<Leaf> leaves_;
  // Of the leaves of cuts.
  std::deque<RankSet> cut_ranks_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_NODES_H_
