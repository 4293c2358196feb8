// Releases that run and are in no source any more.

#ifndef CATALOG_RESOLUTION_LOST_RELEASE_H_
#define CATALOG_RESOLUTION_LOST_RELEASE_H_

#include <memory>

#include "catalog/resolution/package_facts.h"
#include "catalog/service_record.h"
#include "registry/format/relations_document.h"

namespace orrery::catalog {

// What the record of a service keeps of the relations of its release; never
// null.
std::shared_ptr<const registry::RelationsDocument> RelationsOf(
    const ServiceRecord& record);

// The rank of the release that a service runs; nothing when it is lost.
std::optional<size_t> RankOf(const PackageFacts& package,
                             const ServiceRecord& record);

// The package with the lost release of a service: where it stood, or below all
// others when its source is gone.
std::shared_ptr<const PackageFacts> WithLost(const PackageFacts& package,
                                             const ServiceRecord& record);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOST_RELEASE_H_
