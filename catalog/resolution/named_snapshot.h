// Contents that are not current any more, for who names them (spec: trust.md
// §10.4).

#ifndef CATALOG_RESOLUTION_NAMED_SNAPSHOT_H_
#define CATALOG_RESOLUTION_NAMED_SNAPSHOT_H_

#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/past_release.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/resolve_query.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// By trees and revisions that a query names, and by its lock.
std::vector<NamedContent> ContentsNamedBy(const ResolveQuery& query);

// Whether the query, or its lock, names this content.
bool NamesTree(const ResolveQuery& query, absl::string_view package,
               absl::string_view tree);
// Whether an item of the query names this revision.
bool NamesRevision(const ResolveQuery& query, absl::string_view package,
                   absl::string_view version, int64_t release,
                   int64_t revision);

// The snapshot with what the log has of `named`, but not as current, each
// `not_current`; itself when that is nothing, as mostly. Errors are those of
// ReleaseAdmission::ReadPast for what is no wish.
absl::StatusOr<registry::SnapshotPtr> WithNamed(
    registry::SnapshotPtr snapshot, const ReleaseAdmission& admission,
    const std::vector<NamedContent>& named);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_NAMED_SNAPSHOT_H_
