#include "registry/format/artifacts_document.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/format/artifact_uri.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr auto kAnyVersion = PackagingVersion::k20;

void ReadSchema(const JsonValue& value, const JsonPath& path, FaultList* faults,
                ArtifactsDocument* /*out*/) {
  if (value.AsInteger() != 1) faults->Add(path, value, "expected 1");
}

void ReadDigest(const JsonValue& value, const JsonPath& path,
                absl::string_view prefix, FaultList* faults,
                signing::Digest* out) {
  if (!ExpectKind(value, Kind::kString, path, faults)) return;
  absl::string_view hex = value.text();
  if (absl::ConsumePrefix(&hex, prefix)) {
    if (auto digest = signing::Digest::ParseHex(hex); digest.ok()) {
      *out = *digest;
      return;
    }
  }
  faults->Add(path, value,
              absl::StrCat(Shown(value.text()), " must be ",
                           prefix.empty() ? "" : "sha256: and ",
                           "64 lower-case hex digits"));
}

void ReadSha256(const JsonValue& value, const JsonPath& path, FaultList* faults,
                AssetPin* out) {
  ReadDigest(value, path, "", faults, &out->sha256);
}

void ReadSize(const JsonValue& value, const JsonPath& path, FaultList* faults,
              AssetPin* out) {
  const std::optional<int64_t> size = value.AsInteger();
  if (!size.has_value() || *size < 0) {
    faults->Add(path, value, "expected a number of bytes, 0 or more");
    return;
  }
  out->size = *size;
}

constexpr MemberRule<AssetPin> kAssetPinMembers[] = {
    {"sha256", &ReadSha256, /*required=*/true},
    {"size", &ReadSize, /*required=*/true},
};

void ReadImageDigest(const JsonValue& value, const JsonPath& path,
                     FaultList* faults, ImagePin* out) {
  ReadDigest(value, path, "sha256:", faults, &out->digest);
}

constexpr MemberRule<ImagePin> kImagePinMembers[] = {
    {"digest", &ReadImageDigest, /*required=*/true},
};

template <typename Pin, const auto& kMembers>
void ReadPins(const JsonValue& value, const JsonPath& path, FaultList* faults,
              std::vector<Pin>* out) {
  if (!ExpectKind(value, Kind::kObject, path, faults)) return;
  out->reserve(value.members().size());
  for (const JsonValue::Member& member : value.members()) {
    Pin& pin = out->emplace_back();
    pin.alias = member.name;
    ReadObject<Pin>(member.value, JsonPath(path, member.name), kMembers,
                    kAnyVersion, faults, &pin);
  }
}

void ReadAssetPins(const JsonValue& value, const JsonPath& path,
                   FaultList* faults, ArtifactsDocument* out) {
  ReadPins<AssetPin, kAssetPinMembers>(value, path, faults, &out->assets);
}

void ReadImagePins(const JsonValue& value, const JsonPath& path,
                   FaultList* faults, ArtifactsDocument* out) {
  ReadPins<ImagePin, kImagePinMembers>(value, path, faults, &out->images);
}

constexpr MemberRule<ArtifactsDocument> kMembers[] = {
    {"schema", &ReadSchema, /*required=*/true},
    {"assets", &ReadAssetPins},
    {"images", &ReadImagePins},
};

using AliasIndex = absl::flat_hash_map<absl::string_view, const Asset*>;

AliasIndex IndexByAlias(const std::vector<Asset>& assets) {
  AliasIndex index;
  for (const Asset& asset : assets) index.emplace(asset.alias, &asset);
  return index;
}

// Calls `check_known` with each member of `root[section]` whose alias stands
// in `index`; the others are faults.
template <typename CheckKnown>
void MatchAliases(const JsonValue& root, absl::string_view section,
                  absl::string_view counterpart, const AliasIndex& index,
                  FaultList* faults, CheckKnown check_known) {
  const JsonValue* pins = root.Find(section);
  if (pins == nullptr) return;
  const JsonPath root_path;
  const JsonPath path(root_path, section);
  for (const JsonValue::Member& member : pins->members()) {
    const JsonPath place(path, member.name);
    const auto it = index.find(member.name);
    if (it != index.end()) {
      check_known(member.value, place, *it->second);
    } else if (!faults->full()) {
      faults->Add(place, member.value,
                  absl::StrCat("resource.json has no ", Shown(member.name),
                               " in ", counterpart));
    }
  }
}

void CheckAgainstResource(const JsonValue& root,
                          const ResourceDocument& resource, FaultList* faults) {
  MatchAliases(
      root, "assets", "assets.uris", IndexByAlias(resource.uris), faults,
      [faults](const JsonValue& pin, const JsonPath& path, const Asset& asset) {
        const auto uri = ParseArtifactUri(asset.value);
        const JsonValue* sha256 = pin.Find("sha256");
        if (uri.ok() && sha256 != nullptr && sha256->is_string() &&
            sha256->text() != uri->digest.Hex()) {
          faults->Add(JsonPath(path, "sha256"), *sha256,
                      "differs from the digest in resource.json");
        }
      });
  MatchAliases(root, "images", "assets.container.docker",
               IndexByAlias(resource.docker_images), faults,
               [](const JsonValue&, const JsonPath&, const Asset&) {});
}

template <typename Pin>
const Pin* FindPin(const std::vector<Pin>& pins, absl::string_view alias) {
  const auto it =
      std::find_if(pins.begin(), pins.end(),
                   [alias](const Pin& pin) { return pin.alias == alias; });
  return it == pins.end() ? nullptr : &*it;
}

}  // namespace

const AssetPin* ArtifactsDocument::FindAsset(absl::string_view alias) const {
  return FindPin(assets, alias);
}

Parsed<ArtifactsDocument> ParseArtifactsDocument(
    const JsonValue& root, const ResourceDocument& resource) {
  Parsed<ArtifactsDocument> result;
  FaultList faults;
  ReadObject<ArtifactsDocument>(root, JsonPath(), kMembers, kAnyVersion,
                                &faults, &result.document);
  CheckAgainstResource(root, resource, &faults);
  result.faults = faults.Take();
  return result;
}

}  // namespace orrery::registry
