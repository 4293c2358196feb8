#include "resolver/internal/exclusions.h"

#include <utility>

namespace orrery::resolver::internal {

void Exclusions::AddNode(NodeIndex node) {
  next_node_ = node + 1;
  if (restrictions_.empty()) return;
  const auto found = restrictions_.find(nodes_.state(node).node.package);
  if (found == restrictions_.end()) return;
  for (const Restriction& restriction : found->second) {
    Apply(restriction, node);
  }
}

void Exclusions::AddClaims(NodeIndex node) {
  for (const auto& [ranks, claim] : nodes_.state(node).relations->claims) {
    std::vector<std::pair<Place, SetId>>& holders = claims_[claim];
    for (const Place place : nodes_.AllPlacesOf(node)) {
      const Row row = nodes_.RowAt(place, ranks);
      if (IsEmpty(row.data(), propagation_.trail().width(place))) continue;
      const Term own = given_.TermOf(place, row);
      for (const auto& [other, set] : holders) {
        if (other == place) continue;
        Leaf leaf{.kind = Leaf::Kind::kClaim,
                  .node = nodes_.use(other).node,
                  .other = node};
        leaf.text = claim;
        given_.Add({own, {other, set}}, nodes_.AddLeaf(leaf));
      }
      holders.emplace_back(place, own.set);
    }
  }
}

void Exclusions::Extend(Place place, NodeIndex node, bool all) {
  ExtendList(place, node, /*is_bound=*/false, all);
  ExtendList(place, node, /*is_bound=*/true, all);
}

void Exclusions::ExtendList(Place place, NodeIndex node, bool is_bound,
                            bool all) {
  const PackageRelations& relations = *nodes_.state(node).relations;
  const std::vector<Shared<Target>>& targets =
      is_bound ? relations.bounds : relations.conflicts;
  const Trail& trail = propagation_.trail();
  const Window window = nodes_.window(place);
  const Rank last =
      window.first + HighestValue(trail.Domain(place), trail.width(place));
  const Word* left = trail.DomainForGood(place);
  // Rows move when places are added.
  const Row domain(left, left + trail.width(place));
  for (size_t i = 0; i < targets.size(); ++i) {
    LoadedExtras& extras = *nodes_.state(node).extras;
    std::vector<bool>& done = is_bound ? extras.has_bound : extras.has_conflict;
    const RankSet& ranks = targets[i].ranks;
    if (done[i]) continue;
    if (all ? !MeetsRanks(domain.data(), ranks, window)
            : !ranks.Contains(last) || !nodes_.IsAllOf(place, ranks)) {
      continue;
    }
    done[i] = true;
    AddRestriction(node, targets[i], is_bound);
  }
}

void Exclusions::AddRestriction(NodeIndex node, const Shared<Target>& shared,
                                bool is_bound) {
  Leaf leaf{.kind = is_bound ? Leaf::Kind::kBound : Leaf::Kind::kConflict,
            .node = node};
  leaf.ranks = &shared.ranks;
  leaf.target = &shared.what;
  const LeafId id = nodes_.AddLeaf(leaf);
  for (const PackageRanks& member : shared.what.members) {
    const Restriction restriction{node, &shared.ranks, &member, is_bound, id};
    restrictions_[member.package].push_back(restriction);
    for (const NodeIndex target : nodes_.InstancesOf(member.package)) {
      if (target < next_node_) Apply(restriction, target);
    }
  }
}

void Exclusions::Apply(const Restriction& restriction, NodeIndex target) {
  const RankSet ranks = nodes_.RanksAt(target, *restriction.target);
  const NodeState& owner = nodes_.state(restriction.owner);
  const NodeState& other = nodes_.state(target);
  for (const Place a : nodes_.AllPlacesOf(restriction.owner)) {
    const Term holders = {a, nodes_.SetAt(a, *restriction.ranks)};
    for (const Place b : nodes_.AllPlacesOf(target)) {
      if (restriction.is_bound) {
        const Trail& trail = propagation_.trail();
        const Row absent = RowOfValue(trail.absent(b), trail.width(b));
        given_.Add(
            {holders, given_.TermOf(b, Difference(nodes_.RowOutside(b, ranks),
                                                  absent.data()))},
            restriction.leaf);
      } else if (owner.node.package != other.node.package) {
        given_.Add({holders, {b, nodes_.SetAt(b, ranks)}}, restriction.leaf);
      } else if (a != b) {
        ApplyToOwnPackage(restriction, a, b, ranks);
      }
    }
  }
}

// A release does not conflict with itself.
void Exclusions::ApplyToOwnPackage(const Restriction& restriction, Place owner,
                                   Place target, const RankSet& ranks) {
  const Row holders = nodes_.RowAt(owner, *restriction.ranks);
  const Row excluded = nodes_.RowAt(target, ranks);
  const Window window = nodes_.window(owner);
  for (Value value = 0; value < window.absent; ++value) {
    if (!HasValue(holders.data(), value)) continue;
    const Rank rank = window.first + value;
    const Row self = RowOf({{rank, rank}}, nodes_.window(target));
    given_.Add({given_.TermOf(owner, RowOfValue(value, window.width())),
                given_.TermOf(target, Difference(excluded, self.data()))},
               restriction.leaf);
  }
}

}  // namespace orrery::resolver::internal
