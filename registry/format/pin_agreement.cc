#include "registry/format/pin_agreement.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "registry/format/artifacts_document.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/format/packaging_version.h"
#include "registry/format/release_files.h"
#include "registry/format/resource_document.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status Disagree(absl::string_view file, absl::string_view detail) {
  return signing::At({.file = std::string(file)},
                     signing::Refuse(signing::RefusalCode::kContentIdentity,
                                     absl::StrCat(file, " ", detail)));
}

absl::StatusOr<JsonValue> Parse(absl::string_view file,
                                absl::string_view bytes) {
  absl::StatusOr<JsonDocument> json = ParseJson(bytes);
  if (json.ok()) return std::move(json->root);
  return Disagree(file, absl::StrCat("is no JSON: ", json.status().message()));
}

}  // namespace

absl::Status CheckPins(const signing::RevisionContent& content,
                       absl::string_view artifacts,
                       absl::string_view resource) {
  ResourceDocument named;
  if (!resource.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const JsonValue root,
                            Parse(kResourceFile, resource));
    named = ParseResourceDocument(root, PackagingVersion::k40).document;
  }
  ORRERY_ASSIGN_OR_RETURN(const JsonValue root,
                          Parse(kArtifactsFile, artifacts));
  const ArtifactsDocument promised =
      ParseArtifactsDocument(root, named).document;
  for (const signing::PinnedAsset& line : content.assets) {
    const AssetPin* const pin = promised.FindAsset(line.id);
    if (pin == nullptr) continue;
    if (pin->sha256 == line.digest && pin->size == line.bytes) continue;
    return Disagree(kArtifactsFile, absl::StrCat("pins asset ", line.id,
                                                 " to other bytes than the "
                                                 "record"));
  }
  for (const signing::PinnedImage& line : content.images) {
    for (const ImagePin& pin : promised.images) {
      if (pin.alias != line.id || pin.digest == line.digest) continue;
      return Disagree(kArtifactsFile,
                      absl::StrCat("pins image ", line.id,
                                   " to another digest than the record"));
    }
  }
  return absl::OkStatus();
}

}  // namespace orrery::registry
