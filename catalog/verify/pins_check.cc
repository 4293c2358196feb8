#include "catalog/verify/pins_check.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "registry/format/artifact_uri.h"
#include "registry/format/artifacts_document.h"
#include "registry/format/json_parse.h"
#include "registry/format/packaging_version.h"
#include "registry/format/release_files.h"
#include "registry/format/resource_document.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr int64_t kCheck = 16;
constexpr absl::string_view kDigestMark = "@sha256:";

absl::Status RefusePins(const VerifiedRelease& release,
                        absl::string_view detail) {
  return signing::At(
      {.check = kCheck,
       .registry = release.registry,
       .package = release.package,
       .release = release.revision.key.release,
       .revision = release.revision.key.revision},
      signing::Refuse(signing::RefusalCode::kPlanUnpinned, detail));
}

std::optional<absl::string_view> Optional(const VerifiedRelease& release,
                                          absl::string_view path) {
  const std::string* bytes = FindFile(release.files, path);
  // As everywhere: a file without bytes counts as none.
  if (bytes == nullptr || bytes->empty()) return std::nullopt;
  return absl::string_view(*bytes);
}

struct Pins {
  std::map<std::string, std::string> uris;
  // Digest by reference as resource.json has it.
  std::map<std::string, std::string> images;
};

absl::Status Pin(const VerifiedRelease& release, const std::string& what,
                 const std::string& digest,
                 std::map<std::string, std::string>* pins) {
  const auto [known, is_new] = pins->emplace(what, digest);
  if (is_new || known->second == digest) return absl::OkStatus();
  return RefusePins(release, absl::StrCat(what, " is pinned to two digests"));
}

absl::StatusOr<Pins> PinsOf(const VerifiedRelease& release) {
  Pins pins;
  for (const signing::PinnedAsset& asset : release.content.assets) {
    ORRERY_RETURN_IF_ERROR(
        Pin(release, asset.url, asset.digest.Hex(), &pins.uris));
  }
  for (const signing::PinnedImage& image : release.content.images) {
    ORRERY_RETURN_IF_ERROR(
        Pin(release, image.reference, image.digest.Hex(), &pins.images));
  }
  const auto resource_json = Optional(release, registry::kResourceFile);
  const auto artifacts_json = Optional(release, registry::kArtifactsFile);
  if (!resource_json.has_value() || !artifacts_json.has_value()) return pins;
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument resource_root,
                          registry::ParseJson(*resource_json));
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument artifacts_root,
                          registry::ParseJson(*artifacts_json));
  const registry::ResourceDocument resource =
      registry::ParseResourceDocument(resource_root.root,
                                      registry::PackagingVersion::k40)
          .document;
  const registry::ArtifactsDocument artifacts =
      registry::ParseArtifactsDocument(artifacts_root.root, resource).document;
  for (const registry::Asset& asset : resource.uris) {
    const registry::AssetPin* pin = artifacts.FindAsset(asset.alias);
    if (pin == nullptr) continue;
    ORRERY_RETURN_IF_ERROR(
        Pin(release, asset.value, pin->sha256.Hex(), &pins.uris));
  }
  for (const registry::Asset& image : resource.docker_images) {
    for (const registry::ImagePin& pin : artifacts.images) {
      if (pin.alias != image.alias) continue;
      ORRERY_RETURN_IF_ERROR(
          Pin(release, image.value, pin.digest.Hex(), &pins.images));
    }
  }
  return pins;
}

std::set<std::string> ImagesOf(const JsonValue& manifest) {
  std::set<std::string> images;
  for (const char* pointer : {"/container/docker/image", "/container/image"}) {
    const JsonValue* image = registry::AtPointer(manifest, pointer);
    if (image != nullptr && image->is_string()) images.insert(image->text());
  }
  return images;
}

std::set<std::string> UrisOf(const JsonValue& manifest) {
  std::set<std::string> uris;
  if (const JsonValue* list = manifest.Find("uris")) {
    for (const JsonValue& uri : list->items()) uris.insert(uri.text());
  }
  if (const JsonValue* list = manifest.Find("fetch")) {
    for (const JsonValue& fetch : list->items()) {
      uris.insert(std::string(fetch.FindString("uri")));
    }
  }
  uris.erase("");
  return uris;
}

// `docker.io/x/kafka` of `docker.io/x/kafka:2.2.1`.
absl::string_view WithoutTag(absl::string_view reference) {
  const size_t colon = reference.rfind(':');
  if (colon == absl::string_view::npos) return reference;
  const bool is_port = reference.find('/', colon) != absl::string_view::npos;
  return is_port ? reference : reference.substr(0, colon);
}

// Whether a pin covers it and it has that digest. One that is pinned to another
// digest is refused; a digest of its own covers nothing.
absl::StatusOr<bool> IsFixed(const VerifiedRelease& release, const Pins& pins,
                             absl::string_view image) {
  const size_t mark = image.find(kDigestMark);
  const bool has_digest = mark != absl::string_view::npos;
  const absl::string_view name = image.substr(0, mark);
  bool is_pinned = false;
  for (const auto& [reference, pinned] : pins.images) {
    if (reference != name && WithoutTag(reference) != WithoutTag(name)) {
      continue;
    }
    if (has_digest && image.substr(mark + kDigestMark.size()) == pinned) {
      return true;
    }
    is_pinned = true;
  }
  if (!is_pinned || !has_digest) return false;
  return RefusePins(release, absl::StrCat("the job runs image ", image,
                                          ", which is pinned to another "
                                          "digest"));
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> PinnedUris(
    const VerifiedRelease& release) {
  ORRERY_ASSIGN_OR_RETURN(Pins pins, PinsOf(release));
  return std::move(pins.uris);
}

absl::StatusOr<std::vector<std::string>> CheckPins(
    const VerifiedRelease& release, const JsonValue& manifest,
    bool requires_pins) {
  ORRERY_ASSIGN_OR_RETURN(const Pins pins, PinsOf(release));
  std::vector<std::string> unpinned;
  for (const std::string& image : ImagesOf(manifest)) {
    ORRERY_ASSIGN_OR_RETURN(const bool is_fixed, IsFixed(release, pins, image));
    if (!is_fixed) unpinned.push_back(absl::StrCat("image ", image));
  }
  for (const std::string& uri : UrisOf(manifest)) {
    const bool is_fixed =
        registry::ParseArtifactUri(uri).ok() || pins.uris.contains(uri);
    if (!is_fixed) unpinned.push_back(absl::StrCat("uri ", uri));
  }
  if (unpinned.empty() || !requires_pins) return unpinned;
  return RefusePins(release,
                    absl::StrCat("the policy requires pins, and nothing pins ",
                                 absl::StrJoin(unpinned, ", ")));
}

}  // namespace orrery::catalog
