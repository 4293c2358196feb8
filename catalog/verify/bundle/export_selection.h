// What goes into a bundle for the other side of an air gap (spec: trust.md
// §18).

#ifndef CATALOG_VERIFY_BUNDLE_EXPORT_SELECTION_H_
#define CATALOG_VERIFY_BUNDLE_EXPORT_SELECTION_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/trust_setup.h"
#include "catalog/verify/verified_release.h"
#include "catalog/verify/verifier.h"
#include "signing/digest.h"

namespace orrery::catalog {

struct ExportRequest {
  // Of the policy; the log is its.
  std::string registry;
  // One without a release: all releases that may be chosen. Empty: that of
  // every package that is routed to the registry.
  std::vector<ReleaseQuery> packages = {};
  // What the packages require goes along: what a solve by the policy chooses
  // for each release that is named, where nothing runs. Of all there is nothing
  // is left to choose.
  bool with_dependencies = true;
  // The bytes of `artifact:` URIs go along.
  bool with_assets = false;
};

struct ExportedRelease {
  // Without the files' bytes.
  VerifiedRelease release = {};
  // Of the package in the log: both chains, the claim, those of overlays.
  int64_t records = 0;
  // Its files and those of its overlays, and their bytes.
  int64_t files = 0;
  int64_t bytes = 0;
  // As in ReleaseAssets: bytes that are or could be in the bundle, and what
  // cannot go.
  std::set<signing::Digest> artifacts = {};
  std::vector<std::string> elsewhere = {};
  // Requirements that no release of the selection meets, as records have them.
  std::vector<std::string> unmet = {};
};

struct ExportSelection {
  // By package, source and number.
  std::vector<ExportedRelease> releases;
  // Refusals of releases that nobody named.
  std::vector<absl::Status> left_out;
  // Files of all releases and of all overlays of their packages: bytes of each.
  std::map<signing::Digest, int64_t> blobs;
  // What goes along besides.
  std::set<signing::Digest> artifacts;
};

// Verifies what is asked for and lists it. bundle.gap for a named release that
// nothing in the log can run with. What was named and does not verify
// is a refusal; so is any file that must go and cannot be had.
absl::StatusOr<ExportSelection> SelectExport(const TrustSetup& setup,
                                             Verifier& verifier,
                                             const FileCache& cache,
                                             const ExportRequest& request);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_EXPORT_SELECTION_H_
