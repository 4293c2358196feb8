#include "catalog/resolution/change_order.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "catalog/resolution/request_item.h"
#include "resolver/install_order.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Node;
using resolver::PackageId;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::Target;

// Whether the target speaks of the package, and then of the release.
bool Names(const Target& target, PackageId package) {
  return std::any_of(
      target.members.begin(), target.members.end(),
      [package](const auto& member) { return member.package == package; });
}

bool Contains(const Target& target, PackageId package, Rank rank) {
  return std::any_of(
      target.members.begin(), target.members.end(), [&](const auto& member) {
        return member.package == package && member.ranks.Contains(rank);
      });
}

// Whether the consumer at `rank` works with that release of the provider.
bool Accepts(const PackageRelations& consumer, Rank rank, PackageId provider,
             Rank release) {
  for (const uint32_t index : consumer.requirements.OfRank(rank)) {
    bool names = false;
    bool holds = false;
    for (const auto& alternative :
         consumer.requirements.distinct()[index].what.any_of) {
      names = names || Names(alternative.target, provider);
      holds = holds || Contains(alternative.target, provider, release);
    }
    if (names && !holds) return false;
  }
  for (const auto& conflict : consumer.conflicts) {
    if (conflict.ranks.Contains(rank) &&
        Contains(conflict.what, provider, release)) {
      return false;
    }
  }
  return std::none_of(
      consumer.bounds.begin(), consumer.bounds.end(), [&](const auto& bound) {
        return bound.ranks.Contains(rank) && Names(bound.what, provider) &&
               !Contains(bound.what, provider, release);
      });
}

}  // namespace

absl::StatusOr<ChangeOrder> OrderOf(const ChangingPair& pair,
                                    SnapshotMetadata& metadata) {
  ORRERY_ASSIGN_OR_RETURN(const PackageRelations* consumer,
                          metadata.Load(pair.consumer));
  const PackageId provider = pair.provider.package;
  if (Accepts(*consumer, pair.consumer_from, provider, pair.provider_to)) {
    return ChangeOrder::kProviderFirst;
  }
  return Accepts(*consumer, pair.consumer_to, provider, pair.provider_from)
             ? ChangeOrder::kConsumerFirst
             : ChangeOrder::kTogether;
}

std::vector<RunningService> RemovalOrder(std::vector<RunningService> services) {
  std::vector<std::string> nodes;
  std::vector<resolver::OrderEdge> edges;
  std::map<std::string, RunningService> by_node;
  for (RunningService& service : services) {
    const std::string node = NodeText(service.package, service.name);
    nodes.push_back(node);
    for (const ServiceBinding& binding : service.bindings) {
      // Of two that use each other the one that is told something goes first.
      edges.push_back({node, binding.provider, !binding.output.empty()});
    }
    by_node.emplace(node, std::move(service));
  }
  auto groups = resolver::InstallOrder(nodes, edges);
  if (!groups.ok()) {
    for (resolver::OrderEdge& edge : edges) edge.hard = false;
    // Without hard edges there is always an order.
    groups = resolver::InstallOrder(nodes, edges);
  }
  std::vector<RunningService> ordered;
  for (const auto& group : *groups) {
    for (const std::string& node : group) {
      ordered.push_back(std::move(by_node.at(node)));
    }
  }
  std::reverse(ordered.begin(), ordered.end());
  return ordered;
}

}  // namespace orrery::catalog
