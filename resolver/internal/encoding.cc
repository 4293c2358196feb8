#include "resolver/internal/encoding.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

Encoding::Encoding(const Request& request, MetadataSource& source,
                   Propagation* propagation, LeafFilter filter)
    : request_(request),
      source_(source),
      propagation_(*propagation),
      nodes_(request, source, propagation, std::move(filter)),
      given_(propagation),
      exclusions_(&nodes_, propagation, &given_) {}

absl::Status Encoding::Begin() {
  for (const Requirement& item : request_.items) {
    for (const Alternative& alternative : item.any_of) {
      for (const Node& node : nodes_.instances().Asked(alternative)) {
        nodes_.MarkNamed(node);
      }
    }
  }
  for (const auto& [node, rank] : request_.facts) {
    ORRERY_RETURN_IF_ERROR(nodes_.IndexOf(node).status());
  }
  for (const InstalledNode& installed : request_.installed) {
    ORRERY_RETURN_IF_ERROR(nodes_.IndexOf(installed.node).status());
  }
  ORRERY_RETURN_IF_ERROR(
      AddRequestClauses(request_.items, Leaf::Kind::kRequest, &items_));
  ORRERY_RETURN_IF_ERROR(
      AddRequestClauses(request_.keep, Leaf::Kind::kKeep, &keep_));
  return Finish();
}

absl::Status Encoding::AddRequestClauses(
    const std::vector<Requirement>& requirements, Leaf::Kind kind,
    std::vector<ClauseId>* ids) {
  for (size_t i = 0; i < requirements.size(); ++i) {
    const Requirement& requirement = requirements[i];
    Leaf leaf{.kind = kind, .index = static_cast<uint32_t>(i)};
    leaf.requirement = &requirement;
    if (kind == Leaf::Kind::kKeep) leaf.text = RunningLabel(requirement);
    if (kind == Leaf::Kind::kKeep && IsVoid(requirement)) continue;
    ORRERY_ASSIGN_OR_RETURN(const ClauseId id, AddClause(Owner(), requirement,
                                                         nodes_.AddLeaf(leaf)));
    ids->push_back(id);
  }
  return absl::OkStatus();
}

bool Encoding::IsVoid(const Requirement& keep) const {
  if (request_.remove.empty()) return false;
  for (const Alternative& alternative : keep.any_of) {
    for (const Node& node : nodes_.instances().Asked(alternative)) {
      if (!nodes_.IsRemoved(node)) return false;
    }
  }
  return true;
}

absl::string_view Encoding::RunningLabel(const Requirement& keep) const {
  if (keep.any_of.empty()) return "";
  const MeantNodes nodes = nodes_.instances().Asked(keep.any_of.front());
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    const NodeState& state = nodes_.state(node);
    if (state.installed.has_value() && state.node == nodes.front()) {
      return state.candidates[*state.installed].label;
    }
  }
  return "";
}

Option Encoding::OptionAt(NodeIndex node, const RankSet& ranks,
                          const std::vector<std::string>& features) {
  std::vector<FeaturePlaces> each;
  FeaturePlaces all;
  if (!features.empty()) {
    for (const std::string& feature : features) {
      each.push_back(PlacesWith(node, {feature}));
    }
    all = PlacesWith(node, features);
  }
  const NodeState& state = nodes_.state(node);
  absl::InlinedVector<Choice, 1> choices;
  for (size_t slot = 0; slot < state.places.size(); ++slot) {
    const Place base = state.places[slot];
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
  return {node, state.is_fact,
          state.installed.has_value() || state.preferred.has_value(),
          clauses_.AddChoices(choices)};
}

absl::Status Encoding::AddOptions(const Owner& owner,
                                  const Alternative& alternative,
                                  Options* options) {
  const Instances& instances = nodes_.instances();
  const std::span<const PackageRanks> members = alternative.target.members;
  if (owner.node != PlaceUse::kNoNode && members.size() == 1 &&
      instances.IsPlain(alternative)) {
    ORRERY_ASSIGN_OR_RETURN(const NodeIndex index,
                            nodes_.IndexOf(members[0].package));
    options->push_back(OptionAt(index, members[0].ranks, alternative.features));
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
    options->push_back(OptionAt(index, member->ranks, alternative.features));
  }
  return absl::OkStatus();
}

bool Encoding::IsForGood(Place place, SetId set) const {
  const Trail& trail = propagation_.trail();
  const Position since =
      trail.SatisfiedSince(place, propagation_.sets().words(set));
  return trail.LevelAt(since) == 0;
}

std::optional<Terms> Encoding::TermsOf(const Options& options, Clause* clause) {
  const Trail& trail = propagation_.trail();
  Terms terms;
  bool is_met = false;
  for (const Option& option : options) {
    for (const Choice& choice : clauses_.choices(option)) {
      const uint32_t width = trail.width(choice.decide);
      const Word* set = propagation_.sets().words(choice.set);
      if (IsSubset(trail.Domain(choice.decide), set, width)) {
        is_met |= IsForGood(choice.decide, choice.set);
        // A fact closes a clause only at its place.
        if (option.is_fact && &option == &options.front()) {
          clause->met_by_fact = true;
        }
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

absl::StatusOr<ClauseId> Encoding::AddClause(const Owner& owner,
                                             const Requirement& requirement,
                                             LeafId leaf) {
  Clause clause;
  clause.is_left_out = leaf == kLeftOut;
  Options options;
  for (const Alternative& alternative : requirement.any_of) {
    ORRERY_RETURN_IF_ERROR(AddOptions(owner, alternative, &options));
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

absl::StatusOr<ClauseId> Encoding::AddPlainClause(Place owner,
                                                  const RankSet& releases,
                                                  const PlainNeed& need,
                                                  const Leaf& leaf) {
  ORRERY_ASSIGN_OR_RETURN(const NodeIndex node, nodes_.IndexOf(need.package));
  const NodeState& state = nodes_.state(node);
  if (state.places.size() != 1) return kNoClause;
  const Place place = state.places.front();
  const SetId set = nodes_.SetAt(place, need.ranks);
  const Trail& trail = propagation_.trail();
  const bool is_met = IsSubset(
      trail.Domain(place), propagation_.sets().words(set), trail.width(place));
  if (!is_met || !IsForGood(place, set)) {
    given_.Add({{place, propagation_.SetOutside(place, set)},
                {owner, nodes_.SetAt(owner, releases)}},
               nodes_.AddLeaf(leaf));
  }
  return clauses_.Add({.place = place, .set = set});
}

absl::StatusOr<uint32_t> Encoding::AddCondition(const Alternative& alternative,
                                                LeafId leaf) {
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

void Encoding::ExtendCondition(uint32_t condition, NodeIndex node) {
  const Alternative& text = *condition_texts_[condition];
  const auto& members = text.target.members;
  const auto member =
      std::find_if(members.begin(), members.end(), [&](const PackageRanks& m) {
        return m.package == nodes_.state(node).node.package;
      });
  const Option option = OptionAt(node, member->ranks, text.features);
  const Term does_not_hold =
      given_.TermOf(conditions_[condition].holds, RowOfValue(1, 1));
  for (const Choice& choice : clauses_.choices(option)) {
    given_.Add({{choice.decide, choice.set}, does_not_hold},
               condition_leaves_[condition]);
  }
  conditions_[condition].options.push_back(option);
}

absl::Status Encoding::Load(NodeIndex node) {
  ++loaded_;
  ORRERY_ASSIGN_OR_RETURN(const PackageRelations* relations,
                          source_.Load(nodes_.state(node).node));
  NodeState& state = nodes_.state(node);
  state.relations = relations;
  state.clauses = static_cast<uint32_t>(clause_ids_.size());
  clause_ids_.resize(state.clauses + relations->requirements.distinct().size(),
                     kNoClause);
  if (!relations->features.empty() || !relations->conflicts.empty() ||
      !relations->bounds.empty()) {
    state.extras = std::make_unique<LoadedExtras>();
    for (const FeatureRelations& feature : relations->features) {
      state.extras->feature_clauses.emplace_back(
          feature.requirements.distinct().size(), kNoClause);
    }
    state.extras->has_conflict.resize(relations->conflicts.size());
    state.extras->has_bound.resize(relations->bounds.size());
  }
  exclusions_.AddClaims(node);
  for (size_t i = 0; i < nodes_.state(node).features.size(); ++i) {
    new_features_.emplace_back(node, i);
  }
  return Finish();
}

absl::Status Encoding::Extend(Place place, bool all) {
  const auto [node, features] = nodes_.use(place);
  if (features < 0) {
    bool& is_whole = nodes_.state(node).is_whole;
    if (is_whole) return absl::OkStatus();
    is_whole = all;
    ORRERY_RETURN_IF_ERROR(ExtendTable(place, node, kNoFeature, all));
    exclusions_.Extend(place, node, all);
    return Finish();
  }
  const NodeState& state = nodes_.state(node);
  const FeaturePlaces& places = state.features[features];
  const PackageRelations& relations = *state.relations;
  const FeatureRelations* known = places.names.size() == 1
                                      ? relations.FindFeature(places.names[0])
                                      : nullptr;
  if (known == nullptr) return absl::OkStatus();
  ORRERY_RETURN_IF_ERROR(ExtendTable(
      place, node, static_cast<int32_t>(known - relations.features.data()),
      all));
  return Finish();
}

absl::Status Encoding::ExtendTable(Place place, NodeIndex node, int32_t feature,
                                   bool all) {
  const PackageRelations& relations = *nodes_.state(node).relations;
  const RequirementTable& table =
      feature < 0 ? relations.requirements
                  : relations.features[feature].requirements;
  const auto is_encoded = [&](uint32_t index) {
    return ClauseOf(node, feature, index) != kNoClause;
  };
  if (all) {
    for (uint32_t index = 0; index < table.distinct().size(); ++index) {
      if (is_encoded(index)) continue;
      ORRERY_RETURN_IF_ERROR(AddRequirement(node, feature, index));
    }
    return absl::OkStatus();
  }
  const Trail& trail = propagation_.trail();
  const uint32_t width = trail.width(place);
  const Value last = HighestValue(trail.Domain(place), width);
  const Value first = LowestValue(trail.Domain(place), width);
  for (const uint32_t index : table.OfRank(last)) {
    if (is_encoded(index)) continue;
    if (first != last) {
      const RankSet& ranks = table.distinct()[index].ranks;
      if (!ranks.Contains(first) || !nodes_.IsAllOf(place, ranks)) continue;
    }
    ORRERY_RETURN_IF_ERROR(AddRequirement(node, feature, index));
  }
  return absl::OkStatus();
}

ClauseId& Encoding::ClauseOf(NodeIndex node, int32_t feature, uint32_t index) {
  const NodeState& state = nodes_.state(node);
  return feature < 0 ? clause_ids_[state.clauses + index]
                     : state.extras->feature_clauses[feature][index];
}

absl::Status Encoding::AddRequirement(NodeIndex node, int32_t feature,
                                      uint32_t index) {
  const PackageRelations& relations = *nodes_.state(node).relations;
  const RequirementTable& table =
      feature < 0 ? relations.requirements
                  : relations.features[feature].requirements;
  const Shared<Requirement>& shared = table.distinct()[index];
  const bool is_plain_owner = feature < 0 &&
                              nodes_.state(node).places.size() == 1 &&
                              !nodes_.instances().has_choice();
  Leaf leaf{.kind = Leaf::Kind::kNeeds, .node = node};
  leaf.ranks = &shared.ranks;
  leaf.requirement = &shared.what;
  if (is_plain_owner && table.plain()[index].is_all() && !nodes_.has_filter()) {
    ORRERY_ASSIGN_OR_RETURN(
        const ClauseId id,
        AddPlainClause(nodes_.state(node).places.front(), shared.ranks,
                       table.plain()[index], leaf));
    ClauseOf(node, feature, index) = id;
    if (id != kNoClause) return absl::OkStatus();
  }
  absl::InlinedVector<Place, 1> places = nodes_.state(node).places;
  if (feature >= 0) {
    leaf.feature = relations.features[feature].name;
    const std::vector<Place> with =
        PlacesWith(node, {relations.features[feature].name}).places;
    places.assign(with.begin(), with.end());
  }
  Owner owner{node};
  for (const Place place : places) {
    const SetId set = nodes_.SetAt(place, shared.ranks);
    if (places.size() > 1 && IsEmpty(propagation_.sets().words(set),
                                     propagation_.trail().width(place))) {
      continue;
    }
    owner.releases.emplace_back(place, set);
  }
  ORRERY_ASSIGN_OR_RETURN(const ClauseId id,
                          AddClause(owner, shared.what, nodes_.AddLeaf(leaf)));
  ClauseOf(node, feature, index) = id;
  return absl::OkStatus();
}

FeaturePlaces Encoding::PlacesWith(NodeIndex node,
                                   const std::vector<std::string>& features) {
  const size_t known = nodes_.state(node).features.size();
  const FeaturePlaces places = nodes_.PlacesWith(node, features);
  if (nodes_.state(node).features.size() > known) {
    TieFeaturePlaces(node, places);
    new_features_.emplace_back(node, known);
  }
  return places;
}

void Encoding::TieFeaturePlaces(NodeIndex node, const FeaturePlaces& feature) {
  std::vector<FeaturePlaces> parts;
  if (feature.names.size() > 1) {
    for (const std::string& name : feature.names) {
      parts.push_back(PlacesWith(node, {name}));
    }
  } else {
    const auto& places = nodes_.state(node).places;
    parts.push_back({{}, {places.begin(), places.end()}});
  }
  for (size_t slot = 0; slot < feature.places.size(); ++slot) {
    const Place place = feature.places[slot];
    const uint32_t width = propagation_.trail().width(place);
    const Word* words = propagation_.sets().words(propagation_.full(place));
    const Row full(words, words + width);
    for (Value value = 0; value < propagation_.trail().absent(place); ++value) {
      if (!HasValue(full.data(), value)) continue;
      const Row only = RowOfValue(value, width);
      const Row others = Difference(full, only.data());
      Terms all_parts = {given_.TermOf(place, others)};
      for (const FeaturePlaces& part : parts) {
        given_.Add({given_.TermOf(place, only),
                    given_.TermOf(part.places[slot], others)},
                   kNoLeaf);
        all_parts.push_back(given_.TermOf(part.places[slot], only));
      }
      // All features on is the same as each of them on.
      if (feature.names.size() > 1) given_.Add(std::move(all_parts), kNoLeaf);
    }
  }
}

absl::Status Encoding::Finish() {
  while (finished_nodes_ < nodes_.size() || !new_features_.empty()) {
    if (finished_nodes_ < nodes_.size()) {
      FinishNode(finished_nodes_++);
      continue;
    }
    const auto [node, places] = new_features_.front();
    new_features_.pop_front();
    ORRERY_RETURN_IF_ERROR(FinishFeature(node, places));
  }
  return absl::OkStatus();
}

void Encoding::FinishNode(NodeIndex node) {
  exclusions_.AddNode(node);
  const PackageId package = nodes_.state(node).node.package;
  const auto conditions = conditions_on_.find(package);
  if (conditions == conditions_on_.end()) return;
  for (const uint32_t condition : conditions->second) {
    ExtendCondition(condition, node);
  }
}

absl::Status Encoding::FinishFeature(NodeIndex node, size_t places) {
  const PackageRelations* relations = nodes_.state(node).relations;
  const FeaturePlaces feature = nodes_.state(node).features[places];
  if (relations == nullptr || feature.names.size() > 1) return absl::OkStatus();
  const FeatureRelations* known = relations->FindFeature(feature.names[0]);
  const RankSet having = known == nullptr ? RankSet() : known->ranks;
  for (const Place place : feature.places) {
    // No fact of its own: that a release lacks a feature is part of what is
    // needed.
    const Trail& trail = propagation_.trail();
    const Row absent = RowOfValue(trail.absent(place), trail.width(place));
    given_.Add(
        {given_.TermOf(place, Difference(nodes_.RowOutside(place, having),
                                         absent.data()))},
        kNoLeaf);
  }
  return absl::OkStatus();
}

}  // namespace orrery::resolver::internal
