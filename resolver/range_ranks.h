// Ranges as sets of releases.

#ifndef RESOLVER_RANGE_RANKS_H_
#define RESOLVER_RANGE_RANKS_H_

#include <cstdint>
#include <optional>
#include <span>

#include "resolver/rank_set.h"
#include "resolver/version.h"
#include "resolver/version_range.h"

namespace orrery::resolver {

// A release as ranges see it; in rank order in every list.
struct RangedRelease {
  Version version;
  // The release number.
  uint64_t release = 0;
  // It cannot be chosen anew, so it does not count where only pre-releases are
  // left to choose.
  bool is_barred = false;
};

// The ranks of `releases` that `range` contains. Pre-releases are let in where
// resolver.md §3.4 says so: the range names one, `allow_prereleases`, there is
// nothing else to choose, or it is what runs (`installed`).
RankSet RanksIn(const VersionRange& range,
                std::span<const RangedRelease> releases,
                bool allow_prereleases = false,
                std::optional<Rank> installed = std::nullopt);

}  // namespace orrery::resolver

#endif  // RESOLVER_RANGE_RANKS_H_
