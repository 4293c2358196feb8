// The list of what is in a bundle (spec: trust.md §18).

#ifndef CATALOG_VERIFY_BUNDLE_BUNDLE_MANIFEST_H_
#define CATALOG_VERIFY_BUNDLE_BUNDLE_MANIFEST_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/mirror_path.h"
#include "signing/digest.h"

namespace orrery::catalog {

inline constexpr char kBundleManifest[] = "bundle.manifest";
// SSHSIG of the exporter, for whoever knows him.
inline constexpr char kBundleSignature[] = "bundle.manifest.sig";
inline constexpr size_t kMaxBundleMembers = 100000;

struct BundleMember {
  std::string path;
  signing::Digest digest;
  // What `path` says.
  MirrorPath name = {};
};

// As `sha256sum -c` reads it. Requires: sorted by path, each once.
std::string FormatBundleManifest(std::span<const BundleMember> members);

// Takes what FormatBundleManifest writes, and nothing else: the refusal
// bundle.manifest for more members than there may be, for a path that is no
// file of a mirror, and for a file named by another digest than the listed.
absl::StatusOr<std::vector<BundleMember>> ParseBundleManifest(
    absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_BUNDLE_MANIFEST_H_
