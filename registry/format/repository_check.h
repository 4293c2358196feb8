// The rules of universe-format §14 that compare releases with one another.

#ifndef REGISTRY_FORMAT_REPOSITORY_CHECK_H_
#define REGISTRY_FORMAT_REPOSITORY_CHECK_H_

#include <span>
#include <vector>

#include "registry/format/finding.h"
#include "registry/format/release_check.h"

namespace orrery::registry {

// Findings of `version-reused`, `version-order`, `edge-dangling`,
// `edge-empty`, `edge-self`, `manager-missing` and `cli-hash-differs` over the
// releases of one source, given in any order; each names the directory of the
// release it belongs to in `path`. Sorted by path, pointer, rule.
std::vector<Finding> CheckRepository(
    std::span<const ReleaseFacts* const> releases, Profile profile);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_REPOSITORY_CHECK_H_
