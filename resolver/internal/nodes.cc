#include "resolver/internal/nodes.h"

#include <algorithm>
#include <utility>

#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {
namespace {

// Of each slot, from its first release to its last.
std::vector<RankInterval> SlotsOf(std::span<const Candidate> candidates) {
  std::vector<RankInterval> slots;
  for (Rank rank = 0; rank < candidates.size(); ++rank) {
    const uint32_t slot = candidates[rank].slot;
    if (slot == slots.size()) slots.push_back({rank, rank});
    slots[slot].last = rank;
  }
  return slots;
}

}  // namespace

std::optional<size_t> NodeState::OnlySlotOf(const RankInterval& ranks) const {
  if (slots.empty()) return 0;
  std::optional<size_t> only;
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    if (ranks.last < slots[slot].first || slots[slot].last < ranks.first) {
      continue;
    }
    if (only.has_value()) return std::nullopt;
    only = slot;
  }
  return only;
}

Nodes::Nodes(const Request& request, MetadataSource& source,
             Propagation* propagation, LeafFilter filter)
    : filter_(std::move(filter)),
      request_(request),
      source_(source),
      propagation_(*propagation),
      instances_(request, source) {
  uses_.reserve(kRoom);
  leaves_.reserve(kRoom);
  for (const InstalledNode& installed : request.installed) {
    installed_[installed.node] = &installed;
    if (request.update_all) updated_.insert(installed.node);
  }
  updated_.insert(request.update.begin(), request.update.end());
  for (const auto& [node, rank] : request.prefer) preferred_[node] = rank;
  for (const auto& [node, rank] : request.allowed) allowed_.emplace(node, rank);
  for (const auto& [node, rank] : request.locked) locked_[node] = rank;
  for (const auto& [node, rank] : request.facts) facts_[node.package] = rank;
  for (const PackageId fact : request.absent_facts) {
    facts_[fact] = std::nullopt;
  }
  removed_.insert(request.remove.begin(), request.remove.end());
  is_request_plain_ = installed_.empty() && updated_.empty() &&
                      preferred_.empty() && locked_.empty() && facts_.empty() &&
                      removed_.empty();
  excluded_.insert(request.exclude.begin(), request.exclude.end());
  for (const PackageRanks& limit : request.limits) {
    limits_[limit.package].push_back(&limit);
  }
}

absl::StatusOr<NodeIndex> Nodes::AddOwn(PackageId package) {
  index_.Set(package, static_cast<NodeIndex>(size()));
  return Add({package});
}

absl::StatusOr<NodeIndex> Nodes::IndexOf(const Node& node) {
  if (node.instance.empty()) return IndexOf(node.package);
  const auto [known, is_new] = instance_index_.try_emplace(node, size());
  if (!is_new) return known->second;
  return Add(node);
}

NodeIndex Nodes::KnownIndexOf(const Node& node) const {
  return node.instance.empty() ? index_.Get(node.package)
                               : instance_index_.find(node)->second;
}

absl::StatusOr<NodeIndex> Nodes::Add(const Node& node) {
  const auto index = static_cast<NodeIndex>(nodes_.size());
  NodeState& state = nodes_.push_back({});
  state.node = node;
  state.traits = source_.Traits(node.package);
  ORRERY_ASSIGN_OR_RETURN(state.candidates, source_.Candidates(node.package));
  ReadRequest(&state);
  const auto instances = of_package_.find(node.package);
  if (instances != of_package_.end()) {
    instances->second.push_back(index);
  } else if (!node.instance.empty()) {
    std::vector<NodeIndex> all = {index};
    const NodeIndex own = index_.Get(node.package);
    if (own != PackageIndex::kNone) all.insert(all.begin(), own);
    of_package_.emplace(node.package, std::move(all));
  }
  AddPlaces(index);
  return index;
}

void Nodes::ReadRequest(NodeState* state) const {
  using Rest = ValueOrder::Rest;
  const Rest rest =
      request_.oldest_first ? Rest::kOldestFirst : Rest::kNewestFirst;
  const auto order = [state](std::optional<Rank> first, Rest others) {
    return ValueOrder(state->candidates, state->traits.has_prereleases, first,
                      others);
  };
  const Node& node = state->node;
  if (is_request_plain_) {
    state->order = order(std::nullopt, rest);
    return;
  }
  state->is_fact = IsFact(node.package);
  state->updated = updated_.contains(node);
  state->named = named_.contains(node);
  if (const auto found = installed_.find(node); found != installed_.end()) {
    state->installed = found->second->rank;
  }
  if (const auto found = preferred_.find(node); found != preferred_.end()) {
    state->preferred = found->second;
  }
  if (!state->installed.has_value()) {
    state->order = order(state->preferred, rest);
    return;
  }
  state->nearest = std::make_unique<ValueOrder>(
      order(state->installed, Rest::kNearestFirst));
  if (state->updated) {
    state->order = order(std::nullopt, rest);
  } else {
    state->order =
        order(state->installed, state->named ? rest : Rest::kNearestFirst);
  }
}

std::span<const NodeIndex> Nodes::InstancesOf(PackageId package) const {
  const auto found = of_package_.find(package);
  if (found != of_package_.end()) return found->second;
  const NodeIndex* own = index_.Find(package);
  if (own == nullptr) return {};
  return {own, 1};
}

LeafId Nodes::AddLeaf(const Leaf& leaf) {
  if (filter_ && !filter_(leaf)) return kLeftOut;
  leaves_.push_back(leaf);
  return static_cast<LeafId>(leaves_.size() - 1);
}

const InstalledNode* Nodes::RunningAt(NodeIndex node) const {
  const auto found = installed_.find(nodes_[node].node);
  return found == installed_.end() ? nullptr : found->second;
}

RankSet Nodes::RanksAt(NodeIndex node, const PackageRanks& member) const {
  const std::optional<Rank> runs = nodes_[node].installed;
  if (!runs.has_value() || !member.if_running.Contains(*runs)) {
    return member.ranks;
  }
  return Union(member.ranks, {{*runs, *runs}});
}

bool Nodes::IsAllOf(Place place, const RankSet& ranks) const {
  const Window at = window(place);
  const Row row = RowOf(ranks, at);
  return IsSubset(propagation_.trail().Domain(place), row.data(), at.width());
}

Row Nodes::RowAt(Place place, const RankSet& ranks) const {
  const Word* full = propagation_.sets().words(propagation_.full(place));
  return Intersection(RowOf(ranks, window(place)), full);
}

SetId Nodes::SetAt(Place place, const RankSet& ranks) {
  return propagation_.sets().AddRanksOf(propagation_.full(place), ranks,
                                        window(place));
}

SetId Nodes::OthersAt(Place place, const RankInterval& ranks) {
  return propagation_.sets().AddOthers(propagation_.full(place), ranks,
                                       window(place));
}

Row Nodes::RowOutside(Place place, const RankSet& ranks) const {
  const Window at = window(place);
  const Word* full = propagation_.sets().words(propagation_.full(place));
  return Difference(Row(full, full + at.width()), RowOf(ranks, at).data());
}

bool Nodes::IsFor(Place place, Rank rank) const {
  const Window at = window(place);
  const Word* full = propagation_.sets().words(propagation_.full(place));
  return at.Contains(rank) && HasValue(full, rank - at.first);
}

bool Nodes::IsUncut(const NodeState& state) const {
  return is_request_plain_ && !state.traits.has_barred && limits_.empty() &&
         excluded_.empty();
}

std::vector<Cut> Nodes::CutsOf(NodeIndex node, const Window& window) {
  const NodeState& state = nodes_[node];
  if (IsUncut(state)) return {};
  const PackageId package = state.node.package;
  const Row all = RowUpTo(window.absent);
  const Row absent = RowOfValue(window.absent, window.width());
  const auto others = [&](const RankSet& ranks) {
    return Difference(all, RowOf(ranks, window).data());
  };
  std::vector<Cut> cuts;
  // Cuts all present values but those.
  const auto keep = [&](Leaf::Kind kind, RankSet ranks,
                        absl::string_view text) {
    Row set = Difference(others(ranks), absent.data());
    Leaf leaf{.kind = kind, .node = node};
    leaf.text = text;
    AddCut(std::move(set), std::move(ranks), leaf, &cuts);
  };
  if (const auto found = facts_.find(package); found != facts_.end()) {
    RankSet value;
    if (found->second.has_value()) value.Append(*found->second);
    Row set = value.empty() ? Difference(all, absent.data()) : others(value);
    AddCut(std::move(set), std::move(value),
           {.kind = Leaf::Kind::kFact, .node = node}, &cuts);
  }
  if (IsRemoved(state.node)) {
    Leaf leaf{.kind = Leaf::Kind::kExcluded, .node = node};
    leaf.text = "you remove it";
    AddCut(Difference(all, absent.data()), state.all(), leaf, &cuts);
  }
  if (const auto found = locked_.find(state.node); found != locked_.end()) {
    keep(Leaf::Kind::kLocked, {{found->second, found->second}}, "");
  }
  if (const auto found = installed_.find(state.node);
      found != installed_.end() && found->second->reachable.has_value()) {
    keep(Leaf::Kind::kEdge, *found->second->reachable,
         state.candidates[found->second->rank].label);
  }
  if (const auto found = limits_.find(package); found != limits_.end()) {
    for (const PackageRanks* limit : found->second) {
      keep(Leaf::Kind::kLimit, limit->ranks, "");
    }
  }
  CutBarred(node, window, &cuts);
  return cuts;
}

void Nodes::CutBarred(NodeIndex node, const Window& window,
                      std::vector<Cut>* cuts) {
  const NodeState& state = nodes_[node];
  // One cut a reason; few packages have any.
  std::vector<std::pair<absl::string_view, RankSet>> barred;
  const bool excluded = excluded_.contains(state.node.package);
  if (!state.traits.has_barred && !excluded) return;
  for (Rank rank = 0; rank < state.candidates.size(); ++rank) {
    const absl::string_view reason =
        excluded ? absl::string_view("you exclude it")
                 : absl::string_view(state.candidates[rank].barred);
    if (reason.empty() || state.installed == rank) continue;
    if (!excluded && allowed_.contains({state.node, rank})) continue;
    auto group = std::find_if(
        barred.begin(), barred.end(),
        [&reason](const auto& entry) { return entry.first == reason; });
    if (group == barred.end()) {
      barred.emplace_back().first = reason;
      group = barred.end() - 1;
    }
    group->second.Append(rank);
  }
  for (auto& [reason, ranks] : barred) {
    Leaf leaf{.kind = Leaf::Kind::kExcluded, .node = node};
    leaf.text = reason;
    Row set = RowOf(ranks, window);
    AddCut(std::move(set), std::move(ranks), leaf, cuts);
  }
}

void Nodes::AddCut(Row set, RankSet ranks, Leaf leaf, std::vector<Cut>* cuts) {
  leaf.ranks = &cut_ranks_.emplace_back(std::move(ranks));
  const LeafId id = AddLeaf(leaf);
  if (id != kLeftOut) cuts->push_back({std::move(set), id});
}

void Nodes::AddPlaces(NodeIndex node) {
  NodeState& state = nodes_[node];
  if (state.traits.has_slots) state.slots = SlotsOf(state.candidates);
  if (state.slots.size() > 1) {
    state.places.resize(state.slots.size(), kNoPlace);
    return;
  }
  state.slots.clear();
  const auto absent = static_cast<Value>(state.candidates.size());
  const Place place = IsUncut(state)
                          ? propagation_.AddFullPlace(absent)
                          : propagation_.AddPlace(RowUpTo(absent), absent,
                                                  CutsOf(node, {0, absent}));
  SetUse(place, {node, -1});
  state.places.push_back(place);
}

Place Nodes::AddSlotPlace(NodeIndex node, size_t slot) {
  NodeState& state = nodes_[node];
  const auto [first, last] = state.slots[slot];
  const Window window = {first, last - first + 1};
  Row values = RowOfValue(window.absent, window.width());
  for (Rank rank = first; rank <= last; ++rank) {
    if (state.candidates[rank].slot == slot) {
      AddValue(values.data(), rank - first);
    }
  }
  const Place place = propagation_.AddPlace(std::move(values), window.absent,
                                            CutsOf(node, window));
  SetUse(place, {node, -1, first});
  state.places[slot] = place;
  return place;
}

std::span<const Place> Nodes::AllPlacesOf(NodeIndex node) {
  const auto& places = nodes_[node].places;
  for (size_t slot = 0; slot < places.size(); ++slot) PlaceOf(node, slot);
  return places;
}

void Nodes::SetUse(Place place, PlaceUse use) {
  if (uses_.size() <= place) uses_.resize(place + 1);
  uses_[place] = use;
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
  for (const Place base : AllPlacesOf(node)) {
    const Word* full = propagation_.sets().words(propagation_.full(base));
    Row values(full, full + propagation_.trail().width(base));
    const Place place =
        propagation_.AddPlace(std::move(values), window(base).absent, {});
    added.places.push_back(place);
    SetUse(place, {node, static_cast<int32_t>(state.features.size()),
                   window(base).first});
  }
  ++feature_places_;
  state.features.push_back(std::move(added));
  return state.features.back();
}

}  // namespace orrery::resolver::internal
