#include "catalog/artifact_pins.h"

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

using registry::JsonValue;

absl::StatusOr<std::vector<PlanArtifact>> ArtifactPins(
    absl::string_view resource_json, absl::string_view artifacts_json) {
  if (resource_json.empty() || artifacts_json.empty()) {
    return std::vector<PlanArtifact>();
  }
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument resource,
                          registry::ParseJson(resource_json));
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument artifacts,
                          registry::ParseJson(artifacts_json));
  std::map<std::string, std::string> by_uri;
  const JsonValue* uris = registry::AtPointer(resource.root, "/assets/uris");
  const JsonValue* assets = artifacts.root.Find("assets");
  if (uris == nullptr || assets == nullptr) return std::vector<PlanArtifact>();
  for (const JsonValue::Member& asset : assets->members()) {
    const std::string uri(uris->FindString(asset.name));
    const std::string sha256(asset.value.FindString("sha256"));
    if (uri.empty() || sha256.empty()) continue;
    const auto [known, inserted] = by_uri.emplace(uri, sha256);
    if (!inserted && known->second != sha256) {
      return absl::FailedPreconditionError(absl::StrCat(
          "artifacts.json: /assets", registry::PointerStep(asset.name),
          ": another alias of ", uri, " has another digest"));
    }
  }
  std::vector<PlanArtifact> pins;
  for (const auto& [uri, sha256] : by_uri) pins.push_back({uri, sha256});
  return pins;
}

}  // namespace orrery::catalog
