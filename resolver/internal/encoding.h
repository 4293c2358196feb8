// Relations and request as nogoods and clauses.

#ifndef RESOLVER_INTERNAL_ENCODING_H_
#define RESOLVER_INTERNAL_ENCODING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "resolver/internal/clause.h"
#include "resolver/internal/clause_encoding.h"
#include "resolver/internal/exclusions.h"
#include "resolver/internal/feature_ties.h"
#include "resolver/internal/given_nogoods.h"
#include "resolver/internal/leaf.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/propagation.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

// Turns what is reached into nogoods, once, as docs/solver.md has it
// (#what-becomes-a-nogood), and into the clauses the agenda walks.
class Encoding {
 public:
  // All must outlive this. `filter` as for Nodes.
  Encoding(const Request& request, MetadataSource& source,
           Propagation* propagation, LeafFilter filter);

  // The request itself. Errors are those of the source.
  absl::Status Begin();

  // Gets the relations of a node. Requires: it is not loaded.
  absl::Status Load(NodeIndex node);

  // Encodes what the relations say of all releases that are left at the place,
  // or, if they have no more than `look_ahead` clauses, what they say of any
  // that is not gone for good, unless it is encoded. Requires: it must be
  // present, its node is loaded.
  absl::Status Extend(Place place, size_t look_ahead);

  // A nogood that was violated when it was added, if any was since the last
  // call; else kNoNogood.
  NogoodId TakeViolated() { return given_.TakeViolated(); }

  bool is_violated() const { return given_.is_violated(); }

  const Nodes& nodes() const { return nodes_; }
  const Clauses& clauses() const { return clauses_.clauses(); }
  // Of all nodes that are loaded, as their distinct requirements stand,
  // kNoClause until they are encoded.
  const std::vector<ClauseId>& clause_ids() const { return clause_ids_; }
  const ConditionState& condition(uint32_t index) const {
    return clauses_.condition(index);
  }
  const std::vector<ClauseId>& items() const { return items_; }
  const std::vector<ClauseId>& keep() const { return keep_; }
  uint64_t loaded() const { return loaded_; }

 private:
  absl::Status AddRequestClauses(const std::vector<Requirement>& requirements,
                                 Leaf::Kind kind, std::vector<ClauseId>* ids);
  // Whether it speaks of nodes alone that are to be removed.
  bool IsVoid(const Requirement& keep) const;
  // What the service runs that the first alternative names; empty if none.
  absl::string_view RunningLabel(const Requirement& keep) const;
  // What is on of an installed node stays on.
  void KeepFeatures(NodeIndex node);

  static constexpr int32_t kNoFeature = -1;
  // Encodes those requirements that hold for the whole domain of `place`, or
  // all that do for any release that is not gone for good.
  absl::Status ExtendTable(Place place, NodeIndex node, int32_t feature,
                           bool all);
  // Of the package itself, or of one of its features.
  const RequirementTable& TableOf(NodeIndex node, int32_t feature) const;
  // Whether requirements that are plain can be encoded as such.
  bool AreNeedsPlain() const {
    return !nodes_.instances().has_choice() && !nodes_.has_filter();
  }
  // As its distinct requirements stand; kNoClause until they are encoded.
  // Valid until the next Load.
  std::span<ClauseId> ClausesOf(NodeIndex node, int32_t feature);
  // The releases that have the feature, if any, and are of `ranks`. Valid until
  // the next call.
  const ClauseEncoding::Owner& OwnerAt(NodeIndex node, int32_t feature,
                                       const RankSet& ranks);
  absl::Status AddRequirement(NodeIndex node, int32_t feature, uint32_t index,
                              ClauseId* id);
  // What new nodes and places still need.
  void Finish();
  void FinishNode(NodeIndex node);

  const Request& request_;
  MetadataSource& source_;
  Propagation& propagation_;
  Nodes nodes_;
  GivenNogoods given_;
  Exclusions exclusions_;
  FeatureTies features_;
  ClauseEncoding clauses_;
  std::vector<ClauseId> clause_ids_;
  // By place: whether all is encoded that is loaded of the releases it may
  // have, but for features.
  std::vector<bool> is_whole_;
  std::vector<ClauseId> items_;
  std::vector<ClauseId> keep_;
  // Of the leaves of kept features.
  std::deque<Requirement> kept_features_;
  // What OwnerAt found last, and of what. Clauses of the same releases follow
  // on each other.
  ClauseEncoding::Owner owner_;
  int32_t owner_feature_ = kNoFeature;
  const RankSet* owner_ranks_ = nullptr;
  // Nodes from here on are new.
  NodeIndex finished_nodes_ = 0;
  uint64_t loaded_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_ENCODING_H_
