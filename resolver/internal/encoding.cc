#include "resolver/internal/encoding.h"

#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"

#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

Encoding::Encoding(const Request& request, MetadataSource& source,
                   Propagation* propagation, LeafFilter filter)
    : request_(request),
      source_(source),
      propagation_(*propagation),
      nodes_(request, source, propagation, std::move(filter)),
      given_(propagation),
      exclusions_(&nodes_, propagation, &given_),
      features_(&nodes_, propagation, &given_),
      clauses_(&nodes_, propagation, &given_, &features_) {
  clause_ids_.reserve(2 * kRoom);
}

absl::Status Encoding::Begin() {
  for (const Requirement& item : request_.items) {
    for (const Alternative& alternative : item.any_of) {
      for (const Node& node : nodes_.instances().Asked(alternative)) {
        nodes_.MarkNamed(node);
      }
    }
  }
  for (const auto& [node, rank] : request_.facts) {
    ORRERY_ASSIGN_OR_RETURN(const NodeIndex index, nodes_.IndexOf(node));
    nodes_.AllPlacesOf(index);
  }
  for (const InstalledNode& installed : request_.installed) {
    ORRERY_ASSIGN_OR_RETURN(const NodeIndex index,
                            nodes_.IndexOf(installed.node));
    nodes_.AllPlacesOf(index);
  }
  ORRERY_RETURN_IF_ERROR(
      AddRequestClauses(request_.items, Leaf::Kind::kRequest, &items_));
  ORRERY_RETURN_IF_ERROR(
      AddRequestClauses(request_.keep, Leaf::Kind::kKeep, &keep_));
  Finish();
  return absl::OkStatus();
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
    ORRERY_ASSIGN_OR_RETURN(
        const ClauseId id,
        clauses_.AddClause({}, requirement, nodes_.AddLeaf(leaf)));
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
  if (!nodes_.IsInstalled(nodes.front())) return "";
  const NodeState& state = nodes_.state(nodes_.KnownIndexOf(nodes.front()));
  return state.candidates[*state.installed].label;
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
  features_.AddLoaded(node);
  KeepFeatures(node);
  Finish();
  return absl::OkStatus();
}

void Encoding::KeepFeatures(NodeIndex node) {
  if (!nodes_.has_installed()) return;
  const InstalledNode* runs = nodes_.RunningAt(node);
  if (runs == nullptr) return;
  const NodeState& state = nodes_.state(node);
  Alternative kept;
  for (const std::string& name : runs->features) {
    const FeatureRelations* feature = state.relations->FindFeature(name);
    if (feature == nullptr || !feature->ranks.Contains(runs->rank)) continue;
    kept.features.push_back(name);
  }
  if (kept.features.empty()) return;
  kept.instance = state.node.instance;
  kept.target.name = std::string(nodes_.NameOf(node));
  kept.target.members = {{state.node.package, state.all()}};
  Leaf leaf{.kind = Leaf::Kind::kKeep, .node = node};
  leaf.index = static_cast<uint32_t>(request_.keep.size() +
                                     (runs - request_.installed.data()));
  leaf.requirement = &kept_features_.emplace_back(Requirement{{kept}});
  leaf.text = state.candidates[runs->rank].label;
  const LeafId id = nodes_.AddLeaf(leaf);
  if (id == kLeftOut) return;
  for (const std::string& name : kept.features) features_.Keep(node, name, id);
}

absl::Status Encoding::Extend(Place place, size_t look_ahead) {
  const PlaceUse use = nodes_.use(place);
  const NodeIndex node = use.node;
  const NodeState& state = nodes_.state(node);
  const PackageRelations& relations = *state.relations;
  if (use.features < 0) {
    if (is_whole_.size() <= place) is_whole_.resize(place + 1);
    if (is_whole_[place]) return absl::OkStatus();
    const bool all = relations.requirements.distinct().size() +
                         relations.conflicts.size() + relations.bounds.size() <=
                     look_ahead;
    is_whole_[place] = all;
    ORRERY_RETURN_IF_ERROR(ExtendTable(place, node, kNoFeature, all));
    if (state.extras != nullptr) {
      exclusions_.Extend(place, node, all);
    }
    Finish();
    return absl::OkStatus();
  }
  const FeaturePlaces& places = state.features[use.features];
  const FeatureRelations* known = places.names.size() == 1
                                      ? relations.FindFeature(places.names[0])
                                      : nullptr;
  if (known == nullptr) return absl::OkStatus();
  ORRERY_RETURN_IF_ERROR(ExtendTable(
      place, node, static_cast<int32_t>(known - relations.features.data()),
      known->requirements.distinct().size() <= look_ahead));
  Finish();
  return absl::OkStatus();
}

absl::Status Encoding::ExtendTable(Place place, NodeIndex node, int32_t feature,
                                   bool all) {
  const RequirementTable& table = TableOf(node, feature);
  const std::span<ClauseId> clauses = ClausesOf(node, feature);
  const Trail& trail = propagation_.trail();
  const uint32_t width = trail.width(place);
  if (all) {
    const Word* left = trail.DomainForGood(place);
    // Rows move when places are added.
    const Row domain(left, left + width);
    for (uint32_t index = 0; index < table.distinct().size(); ++index) {
      if (clauses[index] != kNoClause) continue;
      const RankSet& ranks = table.distinct()[index].ranks;
      if (!MeetsRanks(domain.data(), ranks, nodes_.window(place))) continue;
      ORRERY_RETURN_IF_ERROR(
          AddRequirement(node, feature, index, &clauses[index]));
    }
    return absl::OkStatus();
  }
  const Rank begin = nodes_.window(place).first;
  const Rank last = begin + HighestValue(trail.Domain(place), width);
  const Rank first = begin + LowestValue(trail.Domain(place), width);
  const bool is_plain = AreNeedsPlain();
  for (const uint32_t index : table.OfRank(last)) {
    if (clauses[index] != kNoClause) continue;
    if (first != last) {
      const RankSet& ranks = table.distinct()[index].ranks;
      if (!ranks.Contains(first) || !nodes_.IsAllOf(place, ranks)) continue;
    }
    if (is_plain) clauses[index] = clauses_.AddMetClause(table.plain()[index]);
    if (clauses[index] != kNoClause) continue;
    ORRERY_RETURN_IF_ERROR(
        AddRequirement(node, feature, index, &clauses[index]));
  }
  return absl::OkStatus();
}

const RequirementTable& Encoding::TableOf(NodeIndex node,
                                          int32_t feature) const {
  const PackageRelations& relations = *nodes_.state(node).relations;
  return feature < 0 ? relations.requirements
                     : relations.features[feature].requirements;
}

std::span<ClauseId> Encoding::ClausesOf(NodeIndex node, int32_t feature) {
  const NodeState& state = nodes_.state(node);
  if (feature >= 0) return state.extras->feature_clauses[feature];
  return std::span<ClauseId>(clause_ids_)
      .subspan(state.clauses, state.relations->requirements.distinct().size());
}

const ClauseEncoding::Owner& Encoding::OwnerAt(NodeIndex node, int32_t feature,
                                               const RankSet& ranks) {
  if (owner_.node == node && owner_feature_ == feature &&
      (owner_ranks_ == &ranks || *owner_ranks_ == ranks)) {
    return owner_;
  }
  const NodeState& state = nodes_.state(node);
  std::vector<Place> with;
  if (feature >= 0) {
    with = features_.PlacesWith(node, {state.relations->features[feature].name})
               .places;
  }
  owner_ = {node};
  owner_feature_ = feature;
  owner_ranks_ = &ranks;
  for (size_t slot = 0; slot < state.places.size(); ++slot) {
    if (!state.MayHave(slot, ranks)) continue;
    const Place place = feature >= 0 ? with[slot] : nodes_.PlaceOf(node, slot);
    const SetId set = nodes_.SetAt(place, ranks);
    if (state.places.size() > 1 && IsEmpty(propagation_.sets().words(set),
                                           propagation_.trail().width(place))) {
      continue;
    }
    owner_.releases.emplace_back(place, set);
  }
  return owner_;
}

absl::Status Encoding::AddRequirement(NodeIndex node, int32_t feature,
                                      uint32_t index, ClauseId* id) {
  const RequirementTable& table = TableOf(node, feature);
  const Shared<Requirement>& shared = table.distinct()[index];
  Leaf leaf{.kind = Leaf::Kind::kNeeds, .node = node};
  leaf.ranks = &shared.ranks;
  leaf.requirement = &shared.what;
  Clause clause;
  if (AreNeedsPlain() && table.plain()[index].is_all()) {
    ORRERY_ASSIGN_OR_RETURN(clause, clauses_.PlainClause(table.plain()[index]));
  }
  if (clause.place != kNoPlace && clauses_.IsMetForGood(clause)) {
    *id = clauses_.AddMetClause(clause);
    return absl::OkStatus();
  }
  if (feature >= 0) {
    leaf.feature = nodes_.state(node).relations->features[feature].name;
  }
  const ClauseEncoding::Owner& owner = OwnerAt(node, feature, shared.ranks);
  if (clause.place != kNoPlace) {
    *id = clauses_.AddPlainClause(owner, clause, leaf);
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(
      *id, clauses_.AddClause(owner, shared.what, nodes_.AddLeaf(leaf)));
  return absl::OkStatus();
}

void Encoding::Finish() {
  do {
    while (finished_nodes_ < nodes_.size()) FinishNode(finished_nodes_++);
  } while (features_.FinishOne());
}

void Encoding::FinishNode(NodeIndex node) {
  exclusions_.AddNode(node);
  clauses_.FinishNode(node);
}

}  // namespace orrery::resolver::internal
