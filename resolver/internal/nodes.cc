#include "resolver/internal/nodes.h"

#include <algorithm>
#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

Nodes::Nodes(const Request& request, MetadataSource& source,
             Propagation* propagation, LeafFilter filter)
    : filter_(std::move(filter)),
      request_(request),
      source_(source),
      propagation_(*propagation),
      instances_(request, source) {
  for (const InstalledNode& installed : request.installed) {
    installed_[installed.node] = &installed;
    if (request.update_all) updated_.insert(installed.node);
  }
  updated_.insert(request.update.begin(), request.update.end());
  for (const auto& [node, rank] : request.prefer) preferred_[node] = rank;
  for (const auto& [node, rank] : request.locked) locked_[node] = rank;
  for (const auto& [node, rank] : request.facts) facts_[node.package] = rank;
  for (const PackageId fact : request.absent_facts) {
    facts_[fact] = std::nullopt;
  }
  removed_.insert(request.remove.begin(), request.remove.end());
  excluded_.insert(request.exclude.begin(), request.exclude.end());
  for (const PackageRanks& limit : request.limits) {
    limits_[limit.package].push_back(&limit);
  }
}

absl::StatusOr<NodeIndex> Nodes::IndexOf(const Node& node) {
  const auto next = static_cast<NodeIndex>(nodes_.size());
  const auto package = static_cast<size_t>(node.package);
  NodeIndex* known = nullptr;
  if (node.instance.empty()) {
    if (package >= index_.size()) index_.resize(package + 1, PlaceUse::kNoNode);
    known = &index_[package];
  } else {
    known = &instance_index_.try_emplace(node, PlaceUse::kNoNode).first->second;
  }
  if (*known != PlaceUse::kNoNode) return *known;
  const NodeIndex index = *known = next;
  NodeState state;
  state.node = node;
  state.text = instances_.TextOf(node);
  ORRERY_ASSIGN_OR_RETURN(state.candidates, source_.Candidates(node.package));
  ReadRequest(&state);
  nodes_.push_back(std::move(state));
  of_package_[node.package].push_back(index);
  AddPlaces(index);
  return index;
}

void Nodes::ReadRequest(NodeState* state) const {
  const Node& node = state->node;
  state->is_fact = IsFact(node.package);
  state->updated = updated_.contains(node);
  state->named = named_.contains(node);
  if (const auto found = installed_.find(node); found != installed_.end()) {
    state->installed = found->second->rank;
  }
  if (const auto found = preferred_.find(node); found != preferred_.end()) {
    state->preferred = found->second;
  }
  using Rest = ValueOrder::Rest;
  const Rest rest =
      request_.oldest_first ? Rest::kOldestFirst : Rest::kNewestFirst;
  if (state->installed.has_value()) {
    state->nearest =
        ValueOrder(state->candidates, state->installed, Rest::kNearestFirst);
  }
  const bool keeps = state->installed.has_value() && !state->updated;
  if (keeps) {
    state->order = ValueOrder(state->candidates, state->installed,
                              state->named ? rest : Rest::kNearestFirst);
  } else if (!state->installed.has_value()) {
    state->order = ValueOrder(state->candidates, state->preferred, rest);
  } else {
    state->order = ValueOrder(state->candidates, std::nullopt, rest);
  }
}

std::span<const NodeIndex> Nodes::InstancesOf(PackageId package) const {
  const auto found = of_package_.find(package);
  if (found == of_package_.end()) return {};
  return found->second;
}

LeafId Nodes::AddLeaf(Leaf leaf) {
  if (filter_ && !filter_(leaf)) return kLeftOut;
  leaves_.push_back(std::move(leaf));
  return static_cast<LeafId>(leaves_.size() - 1);
}

Row Nodes::RowAt(Place place, const RankSet& ranks) const {
  const Word* full = propagation_.sets().words(propagation_.full(place));
  return Intersection(RowOf(ranks, propagation_.trail().width(place)), full);
}

Row Nodes::RowOutside(Place place, const RankSet& ranks) const {
  const uint32_t width = propagation_.trail().width(place);
  const Word* full = propagation_.sets().words(propagation_.full(place));
  return Difference(Row(full, full + width), RowOf(ranks, width).data());
}

std::vector<Cut> Nodes::CutsOf(NodeIndex node) {
  const NodeState& state = nodes_[node];
  const PackageId package = state.node.package;
  const Row all = RowUpTo(state.absent());
  const uint32_t width = WidthFor(state.absent());
  const Row absent = RowOfValue(state.absent(), width);
  const auto others = [&](const RankSet& ranks) {
    return Difference(all, RowOf(ranks, width).data());
  };
  std::vector<Cut> cuts;
  if (const auto found = facts_.find(package); found != facts_.end()) {
    Leaf leaf{.kind = Leaf::Kind::kFact, .node = node};
    const std::optional<Rank> rank = found->second;
    if (rank.has_value()) leaf.own_ranks = {{*rank, *rank}};
    Row set = rank.has_value() ? others(leaf.own_ranks)
                               : Difference(all, absent.data());
    AddCut(std::move(set), std::move(leaf), &cuts);
  }
  if (IsRemoved(state.node)) {
    Leaf leaf{.kind = Leaf::Kind::kExcluded, .node = node};
    leaf.text = "you remove it";
    leaf.own_ranks = RankSet::All(state.candidates.size());
    AddCut(Difference(all, absent.data()), std::move(leaf), &cuts);
  }
  if (const auto found = locked_.find(state.node); found != locked_.end()) {
    Leaf leaf{.kind = Leaf::Kind::kLocked, .node = node};
    leaf.own_ranks = {{found->second, found->second}};
    Row set = Difference(others(leaf.own_ranks), absent.data());
    AddCut(std::move(set), std::move(leaf), &cuts);
  }
  if (const auto found = installed_.find(state.node);
      found != installed_.end() && found->second->reachable.has_value()) {
    Leaf leaf{.kind = Leaf::Kind::kEdge, .node = node};
    leaf.own_ranks = *found->second->reachable;
    leaf.text = state.candidates[found->second->rank].label;
    Row set = Difference(others(leaf.own_ranks), absent.data());
    AddCut(std::move(set), std::move(leaf), &cuts);
  }
  if (const auto found = limits_.find(package); found != limits_.end()) {
    for (const PackageRanks* limit : found->second) {
      Leaf leaf{.kind = Leaf::Kind::kLimit, .node = node};
      leaf.own_ranks = limit->ranks;
      Row set = Difference(others(limit->ranks), absent.data());
      AddCut(std::move(set), std::move(leaf), &cuts);
    }
  }
  CutBarred(node, &cuts);
  return cuts;
}

void Nodes::CutBarred(NodeIndex node, std::vector<Cut>* cuts) {
  const NodeState& state = nodes_[node];
  // One cut a reason; few packages have any.
  std::vector<std::pair<std::string, RankSet>> barred;
  const bool excluded = excluded_.contains(state.node.package);
  for (Rank rank = 0; rank < state.candidates.size(); ++rank) {
    const std::string& reason =
        excluded ? "you exclude it" : state.candidates[rank].barred;
    if (reason.empty() || state.installed == rank) continue;
    auto group = std::find_if(
        barred.begin(), barred.end(),
        [&reason](const auto& entry) { return entry.first == reason; });
    if (group == barred.end()) {
      group = barred.insert(group, {reason, RankSet()});
    }
    group->second.Append(rank);
  }
  for (auto& [reason, ranks] : barred) {
    Leaf leaf{.kind = Leaf::Kind::kExcluded, .node = node};
    leaf.text = reason;
    Row set = RowOf(ranks, WidthFor(state.absent()));
    leaf.own_ranks = std::move(ranks);
    AddCut(std::move(set), std::move(leaf), cuts);
  }
}

void Nodes::AddCut(Row set, Leaf leaf, std::vector<Cut>* cuts) {
  const LeafId id = AddLeaf(std::move(leaf));
  if (id != kLeftOut) cuts->push_back({std::move(set), id});
}

void Nodes::AddPlaces(NodeIndex node) {
  const std::vector<Cut> cuts = CutsOf(node);
  NodeState& state = nodes_[node];
  const Value absent = state.absent();
  std::vector<std::pair<absl::string_view, Row>> slots;
  for (Rank rank = 0; rank < state.candidates.size(); ++rank) {
    const std::string& slot = state.candidates[rank].slot;
    auto found = std::find_if(
        slots.begin(), slots.end(),
        [&slot](const auto& entry) { return entry.first == slot; });
    if (found == slots.end()) {
      found = slots.insert(found, {slot, RowOfValue(absent, WidthFor(absent))});
    }
    AddValue(found->second.data(), rank);
  }
  // A package without releases still can be absent.
  if (slots.empty()) slots.push_back({"", RowUpTo(absent)});
  for (auto& [slot, row] : slots) {
    const Place place = propagation_.AddPlace(std::move(row), absent, cuts);
    state.places.push_back(place);
    uses_.resize(place + 1);
    uses_[place] = {node, -1};
  }
}

const FeaturePlaces& Nodes::PlacesWith(NodeIndex node,
                                       std::vector<std::string> features) {
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  NodeState& state = nodes_[node];
  for (const FeaturePlaces& known : state.features) {
    if (known.names == features) return known;
  }
  FeaturePlaces added{std::move(features), {}};
  for (const Place base : state.places) {
    const Word* full = propagation_.sets().words(propagation_.full(base));
    Row values(full, full + propagation_.trail().width(base));
    const Place place =
        propagation_.AddPlace(std::move(values), state.absent(), {});
    added.places.push_back(place);
    uses_.resize(place + 1);
    uses_[place] = {node, static_cast<int32_t>(state.features.size())};
  }
  ++feature_places_;
  state.features.push_back(std::move(added));
  return state.features.back();
}

}  // namespace orrery::resolver::internal
