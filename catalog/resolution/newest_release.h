// What a node could be beside the release that it has.

#ifndef CATALOG_RESOLUTION_NEWEST_RELEASE_H_
#define CATALOG_RESOLUTION_NEWEST_RELEASE_H_

#include <optional>

#include "catalog/resolution/package_facts.h"
#include "registry/judge/release.h"
#include "resolver/rank_set.h"

namespace orrery::catalog {

// The newest release that anybody may choose, pre-releases only where there is
// nothing else; that at `rank` if it is newer still. `untrusted` are those that
// the policy does not admit.
registry::ReleasePtr NewestRelease(const PackageFacts& package,
                                   resolver::Rank rank,
                                   const resolver::RankSet& untrusted);

// The newest pre-release above all others that anybody may choose; null if the
// newest is none, or there is nothing else.
registry::ReleasePtr NewerPrerelease(const PackageFacts& package,
                                     const resolver::RankSet& untrusted);

// The newest release above `rank` that anybody may choose, if the policy admits
// it and its relations can be read, and that is no pre-release; with
// `reachable` one of these. Null if there is none.
registry::ReleasePtr BetterRelease(
    const PackageFacts& package, resolver::Rank rank,
    const std::optional<resolver::RankSet>& reachable);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_NEWEST_RELEASE_H_
