#ifndef CATALOG_VERIFY_BUNDLE_RELEASE_ASSETS_H_
#define CATALOG_VERIFY_BUNDLE_RELEASE_ASSETS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/verify/verified_release.h"
#include "signing/digest.h"

namespace orrery::catalog {

// What a release needs and does not hold itself.
struct ReleaseAssets {
  // Bytes that its files name by `artifact:` URIs.
  std::set<signing::Digest> artifacts;
  // All else of its resource.json, sorted: `image docker.io/x/kafka:2.2.1`,
  // `uri https://…`, `icon …`, `screenshot …`, `cli linux https://…`.
  std::vector<std::string> elsewhere;
};

// Of the release and the overlays that are used with it.
ReleaseAssets FindAssets(const VerifiedRelease& release);

// Adds the digests of all `artifact:` URIs in a text, wherever they stand.
void AddArtifacts(absl::string_view text, std::set<signing::Digest>* artifacts);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_RELEASE_ASSETS_H_
