// From which release of a package one gets to which.

#ifndef RESOLVER_EDGES_H_
#define RESOLVER_EDGES_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver {

// What package.json says of one release: labels, or `*` for all. Nothing at all
// if the member is not there.
struct ReleaseEdges {
  std::optional<std::vector<std::string>> upgrades_from;
  std::optional<std::vector<std::string>> downgrades_to;
};

enum class Downgrades { kNever, kAllowed };

// The releases that a service at `from` can have next, `from` included
// (resolver.md §8.3). Labels are compared as text. No edge leads `elsewhere`,
// to releases of another source. Requires: `edges` are those of `candidates`,
// one each.
RankSet ReachableRanks(std::span<const Candidate> candidates,
                       std::span<const ReleaseEdges> edges, Rank from,
                       Downgrades downgrades, const RankSet& elsewhere = {});

// The fewest releases that lead from `from` to `to`, `to` the last of them; of
// several ways the one whose earlier steps are newer. Empty if there is none.
std::vector<Rank> PathOfEdges(std::span<const Candidate> candidates,
                              std::span<const ReleaseEdges> edges, Rank from,
                              Rank to, Downgrades downgrades,
                              const RankSet& elsewhere = {});

}  // namespace orrery::resolver

#endif  // RESOLVER_EDGES_H_
