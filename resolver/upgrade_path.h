// How a service gets to a release that no edge leads to at once.

#ifndef RESOLVER_UPGRADE_PATH_H_
#define RESOLVER_UPGRADE_PATH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"
#include "resolver/request.h"

namespace orrery::resolver {

struct UpgradePath {
  // The releases of the node one after the other, the last as asked for.
  std::vector<Rank> ranks;
  // To the request, once the node is at the last but one. What is removed and
  // changed is that of all steps.
  Answer answer;
};

// The shortest way of an installed node along its edges to `to`, such that
// there is an answer after each step, made of the one before, and that of the
// last step meets `request` (resolver.md §8.3). Nothing if there is none, or if
// `steps` end before one is found; each solve has at most `steps_each` of them.
// Errors are those of the source. Requires: `node` is installed, and its edges
// are known.
absl::StatusOr<std::optional<UpgradePath>> FindUpgradePath(
    const Request& request, const Node& node, Rank to, MetadataSource& source,
    uint64_t steps_each, uint64_t* steps);

}  // namespace orrery::resolver

#endif  // RESOLVER_UPGRADE_PATH_H_
