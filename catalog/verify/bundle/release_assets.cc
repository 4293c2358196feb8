#include "catalog/verify/bundle/release_assets.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

#include "registry/format/artifact_uri.h"
#include "registry/format/json_parse.h"
#include "registry/format/packaging_version.h"
#include "registry/format/release_files.h"
#include "registry/format/resource_document.h"

namespace orrery::catalog {
namespace {

constexpr absl::string_view kArtifact = "artifact:sha256:";
constexpr size_t kHexDigits = 2 * signing::Digest::kSize;

void AddElsewhere(absl::string_view kind, const std::string& value,
                  std::vector<std::string>* elsewhere) {
  if (registry::IsArtifactUri(value)) return;
  elsewhere->push_back(absl::StrCat(kind, " ", value));
}

void AddResources(const std::string& resource_json,
                  std::vector<std::string>* elsewhere) {
  const auto json = registry::ParseJson(resource_json);
  if (!json.ok()) return;
  const registry::ResourceDocument resource =
      registry::ParseResourceDocument(json->root,
                                      registry::PackagingVersion::k40)
          .document;
  for (const registry::Asset& image : resource.docker_images) {
    AddElsewhere("image", image.value, elsewhere);
  }
  for (const registry::Asset& uri : resource.uris) {
    AddElsewhere("uri", uri.value, elsewhere);
  }
  for (const auto* icon :
       {&resource.icon_small, &resource.icon_medium, &resource.icon_large}) {
    if (icon->has_value()) AddElsewhere("icon", **icon, elsewhere);
  }
  for (const std::string& screenshot : resource.screenshots) {
    AddElsewhere("screenshot", screenshot, elsewhere);
  }
  for (const registry::PlatformBinary& binary : resource.cli_binaries) {
    AddElsewhere(absl::StrCat("cli ", registry::PlatformName(binary.platform)),
                 binary.url, elsewhere);
  }
}

}  // namespace

void AddArtifacts(absl::string_view text,
                  std::set<signing::Digest>* artifacts) {
  for (size_t at = text.find(kArtifact); at != absl::string_view::npos;
       at = text.find(kArtifact, at + 1)) {
    const auto digest = signing::Digest::ParseHex(
        text.substr(at + kArtifact.size(), kHexDigits));
    if (digest.ok()) artifacts->insert(*digest);
  }
}

ReleaseAssets FindAssets(const VerifiedRelease& release) {
  ReleaseAssets assets;
  for (const VerifiedFile& file : release.files) {
    AddArtifacts(file.bytes, &assets.artifacts);
  }
  for (const VerifiedOverlay& overlay : release.overlays) {
    for (const VerifiedFile& file : overlay.files) {
      AddArtifacts(file.bytes, &assets.artifacts);
    }
  }
  const std::string* const resource =
      FindFile(release.files, registry::kResourceFile);
  if (resource != nullptr) AddResources(*resource, &assets.elsewhere);
  std::sort(assets.elsewhere.begin(), assets.elsewhere.end());
  assets.elsewhere.erase(
      std::unique(assets.elsewhere.begin(), assets.elsewhere.end()),
      assets.elsewhere.end());
  return assets;
}

}  // namespace orrery::catalog
