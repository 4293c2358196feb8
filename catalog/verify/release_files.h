#ifndef CATALOG_VERIFY_RELEASE_FILES_H_
#define CATALOG_VERIFY_RELEASE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/logged_content.h"
#include "catalog/verify/place_list.h"
#include "catalog/verify/verified_release.h"
#include "signing/record/record.h"

namespace orrery::catalog {

// One file, from the cache or the places. Refusals: content.size,
// content.digest, log.unavailable.
absl::StatusOr<std::string> FetchFile(const signing::ContentFile& file,
                                      PlaceList& places,
                                      const FileCache& cache);

// The files of a signed content, from the cache or the places, each with its
// digest, all together with the tree's: the digests of step 15 of trust.md
// §14.1. Refusals: content.*, log.unavailable.
absl::StatusOr<std::vector<VerifiedFile>> FetchReleaseFiles(
    absl::string_view package, const signing::RevisionContent& content,
    PlaceList& places, const FileCache& cache);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_RELEASE_FILES_H_
