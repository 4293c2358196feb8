#include "resolver/range_ranks.h"

#include <algorithm>

namespace orrery::resolver {

RankSet RanksIn(const VersionRange& range,
                std::span<const RangedRelease> releases, bool allow_prereleases,
                std::optional<Rank> installed) {
  const bool only_prereleases = std::all_of(
      releases.begin(), releases.end(), [](const RangedRelease& each) {
        return each.is_barred || each.version.is_prerelease();
      });
  RankSet ranks;
  for (Rank rank = 0; rank < releases.size(); ++rank) {
    const bool open =
        allow_prereleases || only_prereleases || installed == rank;
    if (range.Contains(
            releases[rank].version, releases[rank].release,
            open ? PrereleaseGate::kOpen : PrereleaseGate::kClosed)) {
      ranks.Append(rank);
    }
  }
  return ranks;
}

}  // namespace orrery::resolver
