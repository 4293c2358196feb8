#ifndef CATALOG_VERIFY_VERIFIED_SNAPSHOT_H_
#define CATALOG_VERIFY_VERIFIED_SNAPSHOT_H_

#include "catalog/resolution/release_admission.h"
#include "catalog/verify/log_admission.h"
#include "catalog/verify/logged_content.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// All releases of a log, and what the policy says of them, for who solves.
struct VerifiedCatalog {
  registry::SnapshotPtr snapshot;
  ReleaseAdmissionPtr admission;
};

// What a log has current, in the form in which all that resolves reads releases
// (spec: trust.md §14.1, step 14). A package is read when it is asked for: the
// records of its releases, and by their digests package.json and what relations
// need, checked as in step 15; a release that fails there is none. Whether a
// release may be used is the policy's to say, and not asked here. Everything
// that `files` names must outlive the snapshot. Not thread-safe.
registry::SnapshotPtr VerifiedSnapshot(const LogFiles& files);

// What a policy says of the releases of that log, and its past ones.
ReleaseAdmissionPtr VerifiedAdmission(LogAdmission::Basis basis,
                                      const LogFiles& files);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_VERIFIED_SNAPSHOT_H_
