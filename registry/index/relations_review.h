// What relations say that only other packages and sources show to be wrong
// (resolver.md §5.8, §7).

#ifndef REGISTRY_INDEX_RELATIONS_REVIEW_H_
#define REGISTRY_INDEX_RELATIONS_REVIEW_H_

#include <vector>

#include "absl/status/statusor.h"

#include "registry/format/finding.h"
#include "registry/index/release_relations.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"

namespace orrery::registry {

// Warnings about the relations in force for a release: packages, capabilities,
// features and outputs that nobody has now, and outputs that do not fit the
// option that they fill. None of them refuses anything. Errors are those of
// reading the snapshot.
absl::StatusOr<std::vector<Finding>> ReviewRelations(
    const Snapshot& snapshot, const Release& release,
    const ReleaseRelations& relations);

// What the directories of an overlay source say wrong of their base: files that
// are refused for its sake, and directories for releases that it does not have.
absl::StatusOr<std::vector<Finding>> ReviewOverlay(
    const Snapshot& snapshot, const SourceContents& overlay);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_RELATIONS_REVIEW_H_
