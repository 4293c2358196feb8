#ifndef CATALOG_VERIFY_BUNDLE_BUNDLE_EXPORT_H_
#define CATALOG_VERIFY_BUNDLE_BUNDLE_EXPORT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/verifier.h"
#include "signing/digest.h"

namespace orrery::catalog {

struct BundleRequest {
  // Bytes of each file of releases.
  std::map<signing::Digest, int64_t> blobs;
  std::set<signing::Digest> artifacts;
  // Leaves that the other side has seen: the entries before them are left out,
  // as far as files are whole. 0 for a bundle that needs nothing else.
  uint64_t since = 0;
  // Gives the armor of the manifest's signature, in kBundleNamespace; null for
  // a bundle that nobody signs.
  std::function<absl::StatusOr<std::string>(absl::string_view manifest)> sign;
};

struct WrittenBundle {
  int64_t members = 0;
  int64_t bytes = 0;
};

// Writes the bundle of these files and of the log as it was opened (spec:
// trust.md §18): the same bytes for the same checkpoint and request, but for
// the signature where keys sign otherwise each time. Nothing is left at `path`
// if anything fails. kOutOfRange for a `since` beyond the log; a file that
// cannot be had is a refusal.
absl::StatusOr<WrittenBundle> WriteBundle(Verifier::OpenedRegistry& registry,
                                          const FileCache& cache,
                                          const BundleRequest& request,
                                          const std::string& path);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_BUNDLE_EXPORT_H_
