#include "resolver/internal/clause_encoding.h"

#include <algorithm>
#include <utility>

#include "resolver/rank_set.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

Option ClauseEncoding::OptionAt(NodeIndex node, const PackageRanks& member,
                                const std::vector<std::string>& features) {
  const RankSet ranks = nodes_.RanksAt(node, member);
  std::vector<FeaturePlaces> each;
  FeaturePlaces all;
  if (!features.empty()) {
    for (const std::string& feature : features) {
      each.push_back(features_.PlacesWith(node, {feature}));
    }
    all = features_.PlacesWith(node, features);
  }
  const NodeState& state = nodes_.state(node);
  absl::InlinedVector<Choice, 1> choices;
  for (size_t slot = 0; slot < state.places.size(); ++slot) {
    if (!state.MayHave(slot, ranks)) continue;
    const Place base = nodes_.PlaceOf(node, slot);
    Choice choice{base, features.empty() ? base : all.places[slot],
                  nodes_.SetAt(base, ranks)};
    if (state.places.size() > 1 &&
        IsEmpty(propagation_.sets().words(choice.set),
                propagation_.trail().width(base))) {
      continue;
    }
    if (!features.empty()) {
      std::vector<Place> places;
      for (const FeaturePlaces& feature : each) {
        places.push_back(feature.places[slot]);
      }
      choice.features = clauses_.AddFeatures(places);
    }
    choices.push_back(choice);
  }
  return {node, state.is_fact, /*closes=*/false,
          state.installed.has_value() || state.preferred.has_value(),
          clauses_.AddChoices(choices)};
}

absl::Status ClauseEncoding::AddOptions(const Owner& owner,
                                        const Alternative& alternative,
                                        Options* options) {
  const Instances& instances = nodes_.instances();
  const std::span<const PackageRanks> members = alternative.target.members;
  if (owner.node != PlaceUse::kNoNode && instances.IsPlain(alternative)) {
    for (const PackageRanks& member : members) {
      if (member.ranks.empty() && member.if_running.empty()) continue;
      ORRERY_ASSIGN_OR_RETURN(const NodeIndex index,
                              nodes_.IndexOf(member.package));
      options->push_back(OptionAt(index, member, alternative.features));
    }
    return absl::OkStatus();
  }
  const MeantNodes nodes =
      owner.node == PlaceUse::kNoNode
          ? instances.Asked(alternative)
          : instances.Meant(nodes_.state(owner.node).node, alternative);
  for (const Node& node : nodes) {
    const auto member = std::find_if(
        members.begin(), members.end(),
        [&node](const PackageRanks& m) { return m.package == node.package; });
    ORRERY_ASSIGN_OR_RETURN(const NodeIndex index, nodes_.IndexOf(node));
    options->push_back(OptionAt(index, *member, alternative.features));
  }
  return absl::OkStatus();
}

bool ClauseEncoding::IsRecorded(const Owner& owner, NodeIndex provider) const {
  return owner.node != PlaceUse::kNoNode &&
         nodes_.instances().IsRecorded(nodes_.state(owner.node).node,
                                       nodes_.state(provider).node);
}

std::optional<Terms> ClauseEncoding::TermsOf(const Options& options,
                                             Clause* clause) {
  const Trail& trail = propagation_.trail();
  Terms terms;
  bool is_met = false;
  for (const Option& option : options) {
    for (const Choice& choice : clauses_.choices(option)) {
      const uint32_t width = trail.width(choice.decide);
      const Word* set = propagation_.sets().words(choice.set);
      if (IsSubset(trail.Domain(choice.decide), set, width)) {
        is_met |= IsSubset(trail.DomainForGood(choice.decide), set, width);
        clause->met_by_fact |= option.closes;
      }
      if (!is_met) {
        terms.push_back({choice.decide,
                         propagation_.SetOutside(choice.decide, choice.set)});
      }
    }
  }
  if (is_met) return std::nullopt;
  return terms;
}

absl::StatusOr<ClauseId> ClauseEncoding::AddClause(
    const Owner& owner, const Requirement& requirement, LeafId leaf) {
  Clause clause;
  clause.is_left_out = leaf == kLeftOut;
  Options options;
  for (const Alternative& alternative : requirement.any_of) {
    const size_t own = options.size();
    ORRERY_RETURN_IF_ERROR(AddOptions(owner, alternative, &options));
    const bool is_first = &alternative == &requirement.any_of.front();
    for (size_t i = own; i < options.size(); ++i) {
      Option& option = options[i];
      option.closes =
          option.is_fact && (is_first || IsRecorded(owner, option.node));
    }
  }
  std::vector<uint32_t> conditions;
  for (const Alternative& condition : requirement.conditions) {
    ORRERY_ASSIGN_OR_RETURN(const uint32_t index,
                            AddCondition(condition, leaf));
    conditions.push_back(index);
  }
  if (std::optional<Terms> terms = TermsOf(options, &clause);
      terms.has_value()) {
    for (const uint32_t condition : conditions) {
      terms->push_back(
          given_.TermOf(conditions_[condition].holds, RowOfValue(0, 1)));
    }
    if (owner.node == PlaceUse::kNoNode) given_.Add(*terms, leaf);
    for (const auto& [place, set] : owner.releases) {
      Terms all = *terms;
      all.push_back({place, set});
      given_.Add(std::move(all), leaf);
    }
  }
  std::stable_partition(options.begin(), options.end(),
                        [](const Option& option) { return option.is_first; });
  clause.parts = clauses_.AddParts(options, conditions);
  return clauses_.Add(clause);
}

absl::StatusOr<Clause> ClauseEncoding::PlainClause(const PlainNeed& need) {
  ORRERY_ASSIGN_OR_RETURN(const NodeIndex node, nodes_.IndexOf(need.package));
  const std::optional<size_t> slot = nodes_.state(node).OnlySlotOf(need.ranks);
  if (!slot.has_value()) return Clause();
  const Place place = nodes_.PlaceOf(node, *slot);
  return Clause{.place = place, .others = nodes_.OthersAt(place, need.ranks)};
}

bool ClauseEncoding::IsMetForGood(const Clause& clause) const {
  const Trail& trail = propagation_.trail();
  return !Meets(trail.DomainForGood(clause.place),
                propagation_.sets().words(clause.others),
                trail.width(clause.place));
}

ClauseId ClauseEncoding::AddPlainClause(const Owner& owner,
                                        const Clause& clause,
                                        const Leaf& leaf) {
  const LeafId id = nodes_.AddLeaf(leaf);
  const Term term = {clause.place, clause.others};
  for (const auto& [place, set] : owner.releases) {
    given_.AddPair(term, {place, set}, id);
  }
  return clauses_.Add(clause);
}

ClauseId ClauseEncoding::AddMetClause(const PlainNeed& need) {
  const Trail& trail = propagation_.trail();
  if (!need.is_all() || trail.level() > 0) return kNoClause;
  const Place place = nodes_.OnlyPlaceOf(need.package);
  if (place == kNoPlace || trail.width(place) > 1) return kNoClause;
  if ((*trail.Domain(place) & ~WordOf(need.ranks, 0)) != 0) return kNoClause;
  return clauses_.Add(
      {.place = place, .others = nodes_.OthersAt(place, need.ranks)});
}

absl::StatusOr<uint32_t> ClauseEncoding::AddCondition(
    const Alternative& alternative, LeafId leaf) {
  const auto index = static_cast<uint32_t>(conditions_.size());
  conditions_.push_back({propagation_.AddPlace(RowUpTo(1), 1, {}), {}});
  condition_texts_.push_back(&alternative);
  condition_leaves_.push_back(leaf);
  for (const PackageRanks& member : alternative.target.members) {
    // Instances that are new are met when they are finished.
    ORRERY_RETURN_IF_ERROR(nodes_.IndexOf(member.package).status());
    const std::span<const NodeIndex> found = nodes_.InstancesOf(member.package);
    const std::vector<NodeIndex> instances(found.begin(), found.end());
    for (const NodeIndex node : instances) {
      if (node >= finished_nodes_) continue;
      ExtendCondition(index, node);
    }
    conditions_on_[member.package].push_back(index);
  }
  return index;
}

void ClauseEncoding::ExtendCondition(uint32_t condition, NodeIndex node) {
  const Alternative& text = *condition_texts_[condition];
  const auto& members = text.target.members;
  const auto member =
      std::find_if(members.begin(), members.end(), [&](const PackageRanks& m) {
        return m.package == nodes_.state(node).node.package;
      });
  const Option option = OptionAt(node, *member, text.features);
  const Term does_not_hold =
      given_.TermOf(conditions_[condition].holds, RowOfValue(1, 1));
  for (const Choice& choice : clauses_.choices(option)) {
    given_.Add({{choice.decide, choice.set}, does_not_hold},
               condition_leaves_[condition]);
  }
  conditions_[condition].options.push_back(option);
}

void ClauseEncoding::FinishNode(NodeIndex node) {
  finished_nodes_ = node + 1;
  if (conditions_on_.empty()) return;
  const auto conditions = conditions_on_.find(nodes_.state(node).node.package);
  if (conditions == conditions_on_.end()) return;
  for (const uint32_t condition : conditions->second) {
    ExtendCondition(condition, node);
  }
}

}  // namespace orrery::resolver::internal
