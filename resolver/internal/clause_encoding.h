// Requirements as clauses and nogoods.

#ifndef RESOLVER_INTERNAL_CLAUSE_ENCODING_H_
#define RESOLVER_INTERNAL_CLAUSE_ENCODING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "resolver/internal/clause.h"
#include "resolver/internal/feature_ties.h"
#include "resolver/internal/given_nogoods.h"
#include "resolver/internal/leaf.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"
#include "resolver/relations.h"

namespace orrery::resolver::internal {

// Makes the nodes that a requirement names. Errors are those of the source.
class ClauseEncoding {
 public:
  // All must outlive this.
  ClauseEncoding(Nodes* nodes, Propagation* propagation, GivenNogoods* given,
                 FeatureTies* features)
      : nodes_(*nodes),
        propagation_(*propagation),
        given_(*given),
        features_(*features) {}

  // Where a clause starts: some releases of a node, or of one of its features;
  // or the request, without any.
  struct Owner {
    NodeIndex node = PlaceUse::kNoNode;
    absl::InlinedVector<std::pair<Place, SetId>, 1> releases = {};
  };
  absl::StatusOr<ClauseId> AddClause(const Owner& owner,
                                     const Requirement& requirement,
                                     LeafId leaf);

  // The clause of a requirement of which `need` is all; its place is kNoPlace
  // if it can be met at several. Requires: no instance is to be chosen.
  absl::StatusOr<Clause> PlainClause(const PlainNeed& need);
  // Adds it. Requires: nodes have no filter.
  ClauseId AddPlainClause(const Owner& owner, const Clause& clause,
                          const Leaf& leaf);
  // The same for one that is met for good.
  ClauseId AddMetClause(const Clause& clause) { return clauses_.Add(clause); }
  bool IsMetForGood(const Clause& clause) const;

  // The same if it is met for good already, and this is quick to see; else
  // kNoClause, and nothing is done.
  ClauseId AddMetClause(const PlainNeed& need);

  // What conditions say of a new node. Call once for each, in order.
  void FinishNode(NodeIndex node);

  const Clauses& clauses() const { return clauses_; }
  const ConditionState& condition(uint32_t index) const {
    return conditions_[index];
  }

 private:
  using Options = absl::InlinedVector<Option, 4>;

  absl::Status AddOptions(const Owner& owner, const Alternative& alternative,
                          Options* options);
  // The terms of all choices that do not hold, unless the clause is met for
  // ever: by a fact, or by what is decided at level 0.
  std::optional<Terms> TermsOf(const Options& options, Clause* clause);
  // Whether the service of `owner` uses `provider`.
  bool IsRecorded(const Owner& owner, NodeIndex provider) const;
  Option OptionAt(NodeIndex node, const PackageRanks& member,
                  const std::vector<std::string>& features);
  absl::StatusOr<uint32_t> AddCondition(const Alternative& alternative,
                                        LeafId leaf);
  void ExtendCondition(uint32_t condition, NodeIndex node);

  Nodes& nodes_;
  Propagation& propagation_;
  GivenNogoods& given_;
  FeatureTies& features_;
  Clauses clauses_;
  std::vector<ConditionState> conditions_;
  std::vector<const Alternative*> condition_texts_;
  std::vector<LeafId> condition_leaves_;
  absl::flat_hash_map<PackageId, std::vector<uint32_t>> conditions_on_;
  // Nodes from here on are new.
  NodeIndex finished_nodes_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_CLAUSE_ENCODING_H_
