#include "registry/format/package_document.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/dcos_version.h"
#include "resolver/package_name.h"

namespace orrery::registry {
namespace {

using Kind = JsonValue::Kind;

constexpr auto k20 = PackagingVersion::k20;
constexpr auto k30 = PackagingVersion::k30;
constexpr auto k40 = PackagingVersion::k40;
constexpr auto k50 = PackagingVersion::k50;

// White space of ECMA-262 `\s` beyond ASCII, in UTF-8.
constexpr std::array<absl::string_view, 20> kWideSpaces = {
    "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
    "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
    "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u0085"};

bool HasWhiteSpace(absl::string_view text) {
  bool wide = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isspace(byte)) return true;
    wide = wide || byte >= 0x80;
  }
  return wide && std::any_of(kWideSpaces.begin(), kWideSpaces.end(),
                             [text](absl::string_view space) {
                               return absl::StrContains(text, space);
                             });
}

bool IsVersionLabel(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '.';
  });
}

void ReadVersionLabel(const JsonValue& value, const JsonPath& path,
                      FaultList* faults, std::string* out) {
  if (!ExpectKind(value, Kind::kString, path, faults)) return;
  if (!IsVersionLabel(value.text())) {
    faults->Add(path, value,
                absl::StrCat(Shown(value.text()),
                             " is no version: letters, digits, '-' and '.' are "
                             "allowed, at least one of them"));
  }
  *out = value.text();
}

void ReadPackageName(const JsonValue& value, const JsonPath& path,
                     FaultList* faults, std::string* out) {
  if (!ExpectKind(value, Kind::kString, path, faults)) return;
  const auto name = resolver::PackageName::Parse(value.text());
  if (!name.ok()) {
    // The parser quotes as it finds; a message holds no raw control character.
    faults->Add(path, value,
                absl::StrCat(Shown(value.text()),
                             " is no package name: 2 to 64 characters of a-z, "
                             "0-9 and '-', a letter first and no '-' last"));
  }
  *out = value.text();
}

void ReadName(const JsonValue& value, const JsonPath& path, FaultList* faults,
              PackageDocument* out) {
  ReadPackageName(value, path, faults, &out->name);
}

void ReadVersion(const JsonValue& value, const JsonPath& path,
                 FaultList* faults, PackageDocument* out) {
  if (out->packaging_version == PackagingVersion::k20) {
    ReadValue(value, path, faults, &out->version);
  } else {
    ReadVersionLabel(value, path, faults, &out->version);
  }
}

void ReadTags(const JsonValue& value, const JsonPath& path, FaultList* faults,
              PackageDocument* out) {
  ReadValue(value, path, faults, &out->tags);
  for (size_t i = 0; i < value.items().size(); ++i) {
    const JsonValue& tag = value.items()[i];
    if (tag.is_string() && (tag.text().empty() || HasWhiteSpace(tag.text()))) {
      faults->Add(JsonPath(path, i), tag,
                  absl::StrCat("tag ", Shown(tag.text()),
                               " must be one word without white space"));
    }
  }
}

void ReadUrl(const JsonValue& value, const JsonPath& path, FaultList* faults,
             License* out) {
  if (!ExpectKind(value, Kind::kString, path, faults)) return;
  if (!absl::StartsWith(value.text(), "http://") &&
      !absl::StartsWith(value.text(), "https://")) {
    faults->Add(path, value,
                absl::StrCat(Shown(value.text()),
                             " must begin with http:// or https://"));
  }
  out->url = value.text();
}

constexpr MemberRule<License> kLicenseMembers[] = {
    {"name", &ReadField<&License::name, License>, /*required=*/true},
    {"url", &ReadUrl, /*required=*/true},
};

void ReadLicenses(const JsonValue& value, const JsonPath& path,
                  FaultList* faults, PackageDocument* out) {
  if (!ExpectKind(value, Kind::kArray, path, faults)) return;
  for (size_t i = 0; i < value.items().size(); ++i) {
    ReadObject<License>(value.items()[i], JsonPath(path, i), kLicenseMembers,
                        out->packaging_version, faults,
                        &out->licenses.emplace_back());
  }
}

void ReadMinDcos(const JsonValue& value, const JsonPath& path,
                 FaultList* faults, PackageDocument* out) {
  if (!ExpectKind(value, Kind::kString, path, faults)) return;
  if (!DcosVersion::Parse(value.text()).has_value()) {
    faults->Add(path, value,
                absl::StrCat(Shown(value.text()),
                             " is no DC/OS version: numbers without leading "
                             "zeros, separated by dots"));
    return;
  }
  out->min_dcos_release_version = value.text();
}

// The schema allows further members here.
void ReadManager(const JsonValue& value, const JsonPath& path,
                 FaultList* faults, PackageDocument* out) {
  if (!ExpectKind(value, Kind::kObject, path, faults)) return;
  PackageManager& manager = out->manager.emplace();
  if (const JsonValue* name = value.Find("packageName")) {
    ReadPackageName(*name, JsonPath(path, "packageName"), faults,
                    &manager.package_name);
  } else {
    faults->Add(path, value, MissingMemberText("packageName"));
  }
  if (const JsonValue* version = value.Find("minPackageVersion")) {
    ReadVersionLabel(*version, JsonPath(path, "minPackageVersion"), faults,
                     &manager.min_package_version.emplace());
  }
}

std::optional<PackagingVersion> ParsePackagingVersion(const JsonValue& value) {
  if (!value.is_string()) return std::nullopt;
  if (value.text() == "2.0") return k20;
  if (value.text() == "3.0") return k30;
  if (value.text() == "4.0") return k40;
  if (value.text() == "5.0") return k50;
  return std::nullopt;
}

// Read before everything else, by ReadPackagingVersion.
void ReadPackaging(const JsonValue& value, const JsonPath& path,
                   FaultList* faults, PackageDocument* /*out*/) {
  if (!ParsePackagingVersion(value).has_value()) {
    faults->Add(path, value, R"(expected "2.0", "3.0", "4.0" or "5.0")");
  }
}

template <auto kField>
constexpr auto kRead = &ReadField<kField, PackageDocument>;

using Document = PackageDocument;
constexpr MemberRule<PackageDocument> kMembers[] = {
    {"packagingVersion", &ReadPackaging, /*required=*/true, k20},
    {"name", &ReadName, /*required=*/true, k20},
    {"version", &ReadVersion, /*required=*/true, k20},
    {"maintainer", kRead<&Document::maintainer>, /*required=*/true, k20},
    {"description", kRead<&Document::description>, /*required=*/true, k20},
    {"tags", &ReadTags, /*required=*/true, k20},
    {"scm", kRead<&Document::scm>, false, k20},
    {"website", kRead<&Document::website>, false, k20},
    {"framework", kRead<&Document::framework>, false, k20},
    {"selected", kRead<&Document::selected>, false, k20},
    {"preInstallNotes", kRead<&Document::pre_install_notes>, false, k20},
    {"postInstallNotes", kRead<&Document::post_install_notes>, false, k20},
    {"postUninstallNotes", kRead<&Document::post_uninstall_notes>, false, k20},
    {"licenses", &ReadLicenses, false, k20},
    {"minDcosReleaseVersion", &ReadMinDcos, false, k30},
    {"hasKnownIssues", kRead<&Document::has_known_issues>, false, k30},
    {"lastUpdated", kRead<&Document::last_updated>, false, k30},
    {"upgradesFrom", kRead<&Document::upgrades_from>, false, k40},
    {"downgradesTo", kRead<&Document::downgrades_to>, false, k40},
    {"manager", &ReadManager, false, k50},
};

}  // namespace

bool PackageDocument::hidden() const {
  if (!min_dcos_release_version.has_value()) return false;
  const auto minimum = DcosVersion::Parse(*min_dcos_release_version);
  return minimum.has_value() && minimum->hides();
}

std::optional<PackagingVersion> ReadPackagingVersion(const JsonValue& root) {
  const JsonValue* version = root.Find("packagingVersion");
  return version == nullptr ? std::nullopt : ParsePackagingVersion(*version);
}

Parsed<PackageDocument> ParsePackageDocument(const JsonValue& root) {
  Parsed<PackageDocument> result;
  result.document.packaging_version = ReadPackagingVersion(root).value_or(k40);
  FaultList faults;
  ReadObject<PackageDocument>(root, JsonPath(), kMembers,
                              result.document.packaging_version, &faults,
                              &result.document);
  result.faults = faults.Take();
  return result;
}

}  // namespace orrery::registry
