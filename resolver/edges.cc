#include "resolver/edges.h"

#include <algorithm>
#include <deque>

namespace orrery::resolver {
namespace {

bool Names(const std::optional<std::vector<std::string>>& labels,
           const std::string& label) {
  return labels.has_value() && std::any_of(labels->begin(), labels->end(),
                                           [&label](const std::string& named) {
                                             return named == "*" ||
                                                    named == label;
                                           });
}

}  // namespace

RankSet ReachableRanks(std::span<const Candidate> candidates,
                       std::span<const ReleaseEdges> edges, Rank from,
                       Downgrades downgrades, const RankSet& elsewhere) {
  const bool has_edges =
      std::any_of(edges.begin(), edges.end(), [](const ReleaseEdges& each) {
        return each.upgrades_from.has_value() || each.downgrades_to.has_value();
      });
  RankSet reachable;
  for (Rank to = 0; to < candidates.size(); ++to) {
    if (downgrades == Downgrades::kNever && to < from) continue;
    if (to != from && elsewhere.Contains(to)) continue;
    if (to == from || !has_edges ||
        Names(edges[to].upgrades_from, candidates[from].label) ||
        Names(edges[from].downgrades_to, candidates[to].label)) {
      reachable.Append(to);
    }
  }
  return reachable;
}

std::vector<Rank> PathOfEdges(std::span<const Candidate> candidates,
                              std::span<const ReleaseEdges> edges, Rank from,
                              Rank to, Downgrades downgrades,
                              const RankSet& elsewhere) {
  std::vector<std::optional<Rank>> before(candidates.size());
  std::deque<Rank> open = {from};
  before[from] = from;
  while (!open.empty() && !before[to].has_value()) {
    const Rank at = open.front();
    open.pop_front();
    const RankSet next =
        ReachableRanks(candidates, edges, at, downgrades, elsewhere);
    for (Rank rank = static_cast<Rank>(candidates.size()); rank-- > 0;) {
      if (before[rank].has_value() || !next.Contains(rank)) continue;
      before[rank] = at;
      open.push_back(rank);
    }
  }
  std::vector<Rank> path;
  if (!before[to].has_value()) return path;
  for (Rank rank = to; rank != from; rank = *before[rank]) {
    path.push_back(rank);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace orrery::resolver
