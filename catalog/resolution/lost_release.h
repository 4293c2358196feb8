// Releases that run and are not, or not as they were, in a source any more.

#ifndef CATALOG_RESOLUTION_LOST_RELEASE_H_
#define CATALOG_RESOLUTION_LOST_RELEASE_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"

#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/running_service.h"
#include "registry/format/relations_document.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// What the record of a service keeps of the relations of its release; never
// null.
std::shared_ptr<const registry::RelationsDocument> RelationsOf(
    const RunningService& record);

// The rank of the release that a service runs; nothing when the package lacks
// it, or has another content for it.
std::optional<size_t> RankOf(const PackageFacts& package,
                             const RunningService& record);

// The package with the release that a service runs and the relations by which
// it is judged (resolver.md §1.3): those kept by the record if its source does
// not have it any more, or refuses its file now. A lost release stands where it
// stood, or below all others when its source is gone; one that a better source
// hides stands there too. `package` itself when nothing is missing.
absl::StatusOr<std::shared_ptr<const PackageFacts>> WithRunning(
    const registry::Snapshot& snapshot,
    std::shared_ptr<const PackageFacts> package, const RunningService& record);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOST_RELEASE_H_
