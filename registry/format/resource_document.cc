#include "registry/format/resource_document.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/artifact_uri.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr auto k20 = PackagingVersion::k20;
constexpr auto k30 = PackagingVersion::k30;

void ReadAssets(const JsonValue& value, const JsonPath& path, FaultList* faults,
                std::vector<Asset>* out) {
  if (!ExpectKind(value, Kind::kObject, path, faults)) return;
  out->reserve(value.members().size());
  for (const JsonValue::Member& member : value.members()) {
    if (ExpectKind(member.value, Kind::kString, JsonPath(path, member.name),
                   faults)) {
      out->push_back({member.name, member.value.text(), member.value.offset()});
    }
  }
}

void ReadUris(const JsonValue& value, const JsonPath& path, FaultList* faults,
              ResourceDocument* out) {
  ReadAssets(value, path, faults, &out->uris);
  for (const JsonValue::Member& member : value.members()) {
    if (!member.value.is_string() || !IsArtifactUri(member.value.text())) {
      continue;
    }
    if (!ParseArtifactUri(member.value.text()).ok()) {
      faults->Add(JsonPath(path, member.name), member.value,
                  absl::StrCat(Shown(member.value.text()),
                               " is not artifact:sha256:<64 hex digits>/<file "
                               "name>"));
    }
  }
}

void ReadDockerImages(const JsonValue& value, const JsonPath& path,
                      FaultList* faults, ResourceDocument* out) {
  ReadAssets(value, path, faults, &out->docker_images);
}

constexpr MemberRule<ResourceDocument> kContainerMembers[] = {
    {"docker", &ReadDockerImages},
};

template <const auto& kMembers>
void ReadMembers(const JsonValue& value, const JsonPath& path,
                 FaultList* faults, ResourceDocument* out) {
  ReadObject<ResourceDocument>(value, path, kMembers, k20, faults, out);
}

constexpr MemberRule<ResourceDocument> kAssetsMembers[] = {
    {"uris", &ReadUris},
    {"container", &ReadMembers<kContainerMembers>},
};

template <auto kField>
constexpr auto kRead = &ReadField<kField, ResourceDocument>;

constexpr MemberRule<ResourceDocument> kImagesMembers[] = {
    {"icon-small", kRead<&ResourceDocument::icon_small>},
    {"icon-medium", kRead<&ResourceDocument::icon_medium>},
    {"icon-large", kRead<&ResourceDocument::icon_large>},
    {"screenshots", kRead<&ResourceDocument::screenshots>},
};

void ReadKind(const JsonValue& value, const JsonPath& path, FaultList* faults,
              PlatformBinary* out) {
  if (value.is_string() && value.text() == "zip") {
    out->kind = CliKind::kZip;
  } else if (!value.is_string() || value.text() != "executable") {
    faults->Add(path, value, R"(expected "executable" or "zip")");
  }
}

struct ContentHash {
  std::string value;
};

void ReadAlgorithm(const JsonValue& value, const JsonPath& path,
                   FaultList* faults, ContentHash* /*out*/) {
  if (!value.is_string() || value.text() != "sha256") {
    faults->Add(path, value, R"(expected "sha256")");
  }
}

constexpr MemberRule<ContentHash> kHashMembers[] = {
    {"algo", &ReadAlgorithm, /*required=*/true},
    {"value", &ReadField<&ContentHash::value, ContentHash>, /*required=*/true},
};

// Of several hashes of the one known algorithm the first counts.
void ReadHashes(const JsonValue& value, const JsonPath& path, FaultList* faults,
                PlatformBinary* out) {
  if (!ExpectKind(value, Kind::kArray, path, faults)) return;
  if (value.items().empty()) {
    faults->Add(path, value, "at least one hash is needed");
  }
  for (size_t i = 0; i < value.items().size(); ++i) {
    ContentHash hash;
    ReadObject<ContentHash>(value.items()[i], JsonPath(path, i), kHashMembers,
                            k30, faults, &hash);
    if (i == 0) out->sha256 = std::move(hash.value);
  }
}

constexpr MemberRule<PlatformBinary> kBinaryMembers[] = {
    {"kind", &ReadKind, /*required=*/true},
    {"url", &ReadField<&PlatformBinary::url, PlatformBinary>,
     /*required=*/true},
    {"contentHash", &ReadHashes, /*required=*/true},
};

void ReadBinary(const JsonValue& value, const JsonPath& path, FaultList* faults,
                PlatformBinary* out) {
  out->offset = value.offset();
  ReadObject<PlatformBinary>(value, path, kBinaryMembers, k30, faults, out);
}

constexpr MemberRule<PlatformBinary> kPlatformMembers[] = {
    {"x86-64", &ReadBinary, /*required=*/true},
};

template <CliPlatform kPlatform>
void ReadPlatform(const JsonValue& value, const JsonPath& path,
                  FaultList* faults, ResourceDocument* out) {
  PlatformBinary& binary = out->cli_binaries.emplace_back();
  binary.platform = kPlatform;
  ReadObject<PlatformBinary>(value, path, kPlatformMembers, k30, faults,
                             &binary);
}

constexpr MemberRule<ResourceDocument> kBinariesMembers[] = {
    {"linux", &ReadPlatform<CliPlatform::kLinux>},
    {"windows", &ReadPlatform<CliPlatform::kWindows>},
    {"darwin", &ReadPlatform<CliPlatform::kDarwin>},
};

void ReadBinaries(const JsonValue& value, const JsonPath& path,
                  FaultList* faults, ResourceDocument* out) {
  if (value.is_object() && value.members().empty()) {
    faults->Add(path, value, "at least one platform is needed");
  }
  ReadMembers<kBinariesMembers>(value, path, faults, out);
}

constexpr MemberRule<ResourceDocument> kCliMembers[] = {
    {"binaries", &ReadBinaries, /*required=*/true},
};

void ReadCli(const JsonValue& value, const JsonPath& path, FaultList* faults,
             ResourceDocument* out) {
  out->has_cli = true;
  ReadMembers<kCliMembers>(value, path, faults, out);
}

constexpr MemberRule<ResourceDocument> kRootMembers[] = {
    {"images", &ReadMembers<kImagesMembers>},
    {"assets", &ReadMembers<kAssetsMembers>},
    {"cli", &ReadCli, /*required=*/false, k30},
};

}  // namespace

Parsed<ResourceDocument> ParseResourceDocument(const JsonValue& root,
                                               PackagingVersion version) {
  Parsed<ResourceDocument> result;
  FaultList faults;
  ReadObject<ResourceDocument>(root, JsonPath(), kRootMembers, version, &faults,
                               &result.document);
  result.faults = faults.Take();
  return result;
}

absl::string_view PlatformName(CliPlatform platform) {
  switch (platform) {
    case CliPlatform::kLinux:
      return "linux";
    case CliPlatform::kWindows:
      return "windows";
    case CliPlatform::kDarwin:
      return "darwin";
  }
  return "";
}

}  // namespace orrery::registry
