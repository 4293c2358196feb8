#include "registry/format/resource_rules.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "registry/format/artifact_uri.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kUris = "/assets/uris";
constexpr absl::string_view kImages = "/assets/container/docker";

using AliasSet = absl::flat_hash_set<absl::string_view>;

template <typename Pin>
AliasSet AliasesOf(const std::vector<Pin>& pins) {
  AliasSet aliases;
  for (const Pin& pin : pins) aliases.insert(pin.alias);
  return aliases;
}

std::string PointerTo(absl::string_view section, const Asset& asset) {
  const std::string step = PointerStep(asset.alias);
  constexpr size_t kMaxStepBytes = 1000;
  return absl::StrCat(section, step.size() > kMaxStepBytes ? "" : step);
}

// The part behind the last slash of the path, without query and fragment.
absl::string_view Basename(absl::string_view uri) {
  uri = uri.substr(0, uri.find_first_of("?#"));
  const size_t slash = uri.rfind('/');
  return slash == absl::string_view::npos ? uri : uri.substr(slash + 1);
}

// The tag of an image reference `[host[:port]/]path[:tag]`.
std::optional<absl::string_view> ImageTag(absl::string_view image) {
  const size_t slash = image.rfind('/');
  const size_t colon =
      image.find(':', slash == absl::string_view::npos ? 0 : slash);
  if (colon == absl::string_view::npos) return std::nullopt;
  return image.substr(colon + 1);
}

void CheckAlias(absl::string_view section, const Asset& asset,
                FileReport* report) {
  if (!absl::StrContains(asset.alias, '.')) return;
  report->Add(rules::kAssetDotAlias, PointerTo(section, asset), asset.offset,
              absl::StrCat("alias ", Shown(asset.alias),
                           " has a dot: no template can reach it"));
}

void CheckUri(const Asset& asset, const AliasSet& pinned, FileReport* report) {
  if (asset.value.empty()) {
    report->Add(rules::kAssetEmpty, PointerTo(kUris, asset), asset.offset,
                "the URI is empty");
    return;
  }
  if (absl::StartsWithIgnoreCase(asset.value, "http:")) {
    report->Add(rules::kAssetPlainHttp, PointerTo(kUris, asset), asset.offset,
                absl::StrCat(Shown(asset.value), " is not encrypted"));
  }
  if (!IsArtifactUri(asset.value) && !pinned.contains(asset.alias)) {
    report->Add(rules::kAssetUnpinned, PointerTo(kUris, asset), asset.offset,
                "no digest in artifacts.json");
  }
}

void CheckImage(const Asset& asset, const AliasSet& pinned,
                FileReport* report) {
  if (pinned.contains(asset.alias) ||
      absl::StrContains(asset.value, "@sha256:")) {
    return;
  }
  const std::optional<absl::string_view> tag = ImageTag(asset.value);
  if (tag.has_value() && *tag != "latest") {
    report->Add(rules::kAssetUnpinned, PointerTo(kImages, asset), asset.offset,
                "no digest in the reference or in artifacts.json");
    return;
  }
  report->Add(rules::kImageMoving, PointerTo(kImages, asset), asset.offset,
              absl::StrCat("image ", Shown(asset.value),
                           tag.has_value() ? " has the moving tag latest"
                                           : " has no tag",
                           " and no digest"));
}

void CheckBasenames(const std::vector<Asset>& uris, FileReport* report) {
  absl::flat_hash_map<absl::string_view, const Asset*> first;
  for (const Asset& asset : uris) {
    const absl::string_view basename = Basename(asset.value);
    if (basename.empty()) continue;
    const auto [it, inserted] = first.emplace(basename, &asset);
    if (inserted || it->second->value == asset.value) continue;
    report->Add(
        rules::kAssetBasenameClash, PointerTo(kUris, asset), asset.offset,
        absl::StrCat("ends in ", Shown(basename), " like ",
                     Shown(it->second->alias), ", and is another file"));
  }
}

void CheckIcons(const ResourceDocument& resource, const JsonValue& root,
                FileReport* report) {
  const auto check = [&](absl::string_view name,
                         const std::optional<std::string>& icon) {
    if (!icon.has_value() || IsArtifactUri(*icon)) return;
    const std::string pointer = absl::StrCat("/images/", name);
    const JsonValue* value = AtPointer(root, pointer);
    report->Add(rules::kAssetUnpinned, pointer,
                value == nullptr ? 0 : value->offset(),
                "an icon has no digest");
  };
  check("icon-small", resource.icon_small);
  check("icon-medium", resource.icon_medium);
  check("icon-large", resource.icon_large);
}

void CheckPlatforms(const ResourceDocument& resource, const JsonValue& root,
                    FileReport* report) {
  if (!resource.has_cli) return;
  std::vector<absl::string_view> missing;
  for (const CliPlatform platform :
       {CliPlatform::kLinux, CliPlatform::kDarwin, CliPlatform::kWindows}) {
    bool present = false;
    for (const PlatformBinary& binary : resource.cli_binaries) {
      present = present || binary.platform == platform;
    }
    if (!present) missing.push_back(PlatformName(platform));
  }
  if (missing.empty()) return;
  const JsonValue* binaries = AtPointer(root, "/cli/binaries");
  report->Add(rules::kCliPlatforms, "/cli/binaries",
              binaries == nullptr ? 0 : binaries->offset(),
              absl::StrCat("no binary for ", absl::StrJoin(missing, ", ")));
}

}  // namespace

void CheckResourceRules(const JsonValue& root, const ResourceDocument& resource,
                        const ArtifactsDocument& pins, FileReport* report) {
  const AliasSet pinned_assets = AliasesOf(pins.assets);
  const AliasSet pinned_images = AliasesOf(pins.images);
  for (const Asset& asset : resource.uris) {
    CheckAlias(kUris, asset, report);
    CheckUri(asset, pinned_assets, report);
  }
  for (const Asset& asset : resource.docker_images) {
    CheckAlias(kImages, asset, report);
    CheckImage(asset, pinned_images, report);
  }
  CheckBasenames(resource.uris, report);
  CheckIcons(resource, root, report);
  CheckPlatforms(resource, root, report);
}

}  // namespace orrery::registry
