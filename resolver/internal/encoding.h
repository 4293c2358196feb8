// Relations and request as nogoods and clauses.

#ifndef RESOLVER_INTERNAL_ENCODING_H_
#define RESOLVER_INTERNAL_ENCODING_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "resolver/internal/clause.h"
#include "resolver/internal/exclusions.h"
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
  // with `all` what they say of any, unless it is encoded. Requires: it must be
  // present, its node is loaded.
  absl::Status Extend(Place place, bool all);

  // A nogood that was violated when it was added, if any was since the last
  // call; else kNoNogood.
  NogoodId TakeViolated() { return given_.TakeViolated(); }

  bool is_violated() const { return given_.is_violated(); }

  const Nodes& nodes() const { return nodes_; }
  const Clauses& clauses() const { return clauses_; }
  // Of all nodes that are loaded, as their distinct requirements stand,
  // kNoClause until they are encoded.
  const std::vector<ClauseId>& clause_ids() const { return clause_ids_; }
  const ConditionState& condition(uint32_t index) const {
    return conditions_[index];
  }
  const std::vector<ClauseId>& items() const { return items_; }
  const std::vector<ClauseId>& keep() const { return keep_; }
  uint64_t loaded() const { return loaded_; }

 private:
  // Where a clause starts: some releases of a node, or of one of its features;
  // or the request, without any.
  struct Owner {
    NodeIndex node = PlaceUse::kNoNode;
    absl::InlinedVector<std::pair<Place, SetId>, 1> releases = {};
  };
  absl::Status AddRequestClauses(const std::vector<Requirement>& requirements,
                                 Leaf::Kind kind, std::vector<ClauseId>* ids);
  // Whether it speaks of nodes alone that are to be removed.
  bool IsVoid(const Requirement& keep) const;
  // What the service runs that the first alternative names; empty if none.
  absl::string_view RunningLabel(const Requirement& keep) const;
  absl::StatusOr<ClauseId> AddClause(const Owner& owner,
                                     const Requirement& requirement,
                                     LeafId leaf);
  // The same for a requirement of which `need` is all, at the node's one place.
  absl::StatusOr<ClauseId> AddPlainClause(Place owner, const RankSet& releases,
                                          const PlainNeed& need,
                                          const Leaf& leaf);
  // Whether that is decided at level 0.
  bool IsForGood(Place place, SetId set) const;
  using Options = absl::InlinedVector<Option, 4>;
  absl::Status AddOptions(const Owner& owner, const Alternative& alternative,
                          Options* options);
  // The terms of all choices that do not hold, unless the clause is met for
  // ever: by a fact, or by what is decided at level 0.
  std::optional<Terms> TermsOf(const Options& options, Clause* clause);
  Option OptionAt(NodeIndex node, const RankSet& ranks,
                  const std::vector<std::string>& features);
  absl::StatusOr<uint32_t> AddCondition(const Alternative& alternative,
                                        LeafId leaf);
  void ExtendCondition(uint32_t condition, NodeIndex node);

  static constexpr int32_t kNoFeature = -1;
  // Encodes those requirements that hold for the whole domain of `place`, or
  // all.
  absl::Status ExtendTable(Place place, NodeIndex node, int32_t feature,
                           bool all);
  // kNoClause until it is encoded.
  ClauseId& ClauseOf(NodeIndex node, int32_t feature, uint32_t index);
  absl::Status AddRequirement(NodeIndex node, int32_t feature, uint32_t index);
  void TieFeaturePlaces(NodeIndex node, const FeaturePlaces& feature);

  FeaturePlaces PlacesWith(NodeIndex node,
                           const std::vector<std::string>& features);
  // What new nodes and places still need.
  absl::Status Finish();
  void FinishNode(NodeIndex node);
  absl::Status FinishFeature(NodeIndex node, size_t places);

  const Request& request_;
  MetadataSource& source_;
  Propagation& propagation_;
  Nodes nodes_;
  GivenNogoods given_;
  Exclusions exclusions_;
  Clauses clauses_;
  std::vector<ClauseId> clause_ids_;
  std::vector<ConditionState> conditions_;
  std::vector<const Alternative*> condition_texts_;
  std::vector<LeafId> condition_leaves_;
  std::vector<ClauseId> items_;
  std::vector<ClauseId> keep_;
  absl::flat_hash_map<PackageId, std::vector<uint32_t>> conditions_on_;
  // Nodes from here on are new.
  NodeIndex finished_nodes_ = 0;
  std::deque<std::pair<NodeIndex, size_t>> new_features_;
  uint64_t loaded_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_ENCODING_H_
