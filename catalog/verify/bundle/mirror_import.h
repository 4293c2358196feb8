#ifndef CATALOG_VERIFY_BUNDLE_MIRROR_IMPORT_H_
#define CATALOG_VERIFY_BUNDLE_MIRROR_IMPORT_H_

#include <string>

#include "absl/status/status.h"

#include "catalog/verify/bundle/mirror_tree.h"
#include "catalog/verify/trust_setup.h"
#include "signing/client/refresh.h"

namespace orrery::catalog {

// Adds the files of `bundle`, which was verified and has the log `log`, to the
// mirror in `directory`, which is made if there is none, and which any web
// server may serve meanwhile: blobs first, the checkpoint last, each file by
// rename, so that a crash leaves the state before or after. One caller at a
// time; others wait. Refusals: log.rollback and log.fork if the directory has a
// later or another log; kFailedPrecondition for one with other files that is
// no mirror; kUnavailable for a failing disk.
absl::Status ImportBundle(const TrustedRegistry& registry, MirrorTree& bundle,
                          signing::RefreshedLog& log,
                          const std::string& directory);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_MIRROR_IMPORT_H_
