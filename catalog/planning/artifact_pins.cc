#include "catalog/planning/artifact_pins.h"

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "registry/format/artifacts_document.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/format/packaging_version.h"
#include "registry/format/resource_document.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<std::vector<ArtifactPin>> ArtifactPins(
    absl::string_view resource_json, absl::string_view artifacts_json) {
  if (resource_json.empty() || artifacts_json.empty()) {
    return std::vector<ArtifactPin>();
  }
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument resource,
                          registry::ParseJson(resource_json));
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument artifacts,
                          registry::ParseJson(artifacts_json));
  // A release that is served has passed the check of both files.
  const auto uris = registry::ParseResourceDocument(
                        resource.root, registry::PackagingVersion::k40)
                        .document;
  const auto promised =
      registry::ParseArtifactsDocument(artifacts.root, uris).document;
  std::map<std::string, ArtifactPin> by_uri;
  for (const registry::Asset& asset : uris.uris) {
    const registry::AssetPin* asset_pin = promised.FindAsset(asset.alias);
    if (asset_pin == nullptr) continue;
    const ArtifactPin pin = {asset.value, asset_pin->sha256.Hex(),
                             asset_pin->size};
    const auto [known, inserted] = by_uri.emplace(asset.value, pin);
    if (!inserted && known->second != pin) {
      return absl::FailedPreconditionError(absl::StrCat(
          "artifacts.json: /assets", registry::PointerStep(asset.alias),
          ": another alias of ", asset.value, " has another digest or size"));
    }
  }
  std::vector<ArtifactPin> pins;
  for (auto& [uri, pin] : by_uri) pins.push_back(std::move(pin));
  return pins;
}

}  // namespace orrery::catalog
