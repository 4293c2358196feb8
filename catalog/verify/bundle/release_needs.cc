#include "catalog/verify/bundle/release_needs.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "resolver/version.h"
#include "resolver/version_range.h"

namespace orrery::catalog {
namespace {

using resolver::TargetKind;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;

// Its own file, or that of the first overlay that has one.
const std::string* FindRelations(const VerifiedRelease& release) {
  const std::string* const own =
      FindFile(release.files, registry::kRelationsFile);
  if (own != nullptr) return own;
  for (const VerifiedOverlay& overlay : release.overlays) {
    const std::string* const added =
        FindFile(overlay.files, registry::kRelationsFile);
    if (added != nullptr) return added;
  }
  return nullptr;
}

void AddManager(const std::string& package_json, ReleaseNeeds& needs) {
  const auto json = registry::ParseJson(package_json);
  if (!json.ok()) return;
  const std::optional<registry::PackageManager> manager =
      registry::ParsePackageDocument(json->root).document.manager;
  if (!manager.has_value()) return;
  WrittenRequirement requirement;
  WrittenTarget& target = requirement.any_of.emplace_back().target;
  target.name = manager->package_name;
  if (manager->min_package_version.has_value()) {
    const auto range = resolver::VersionRange::Parse(
        absl::StrCat(">=", *manager->min_package_version));
    if (range.ok()) target.versions = *range;
  }
  needs.requirements.push_back(std::move(requirement));
}

bool Meets(const NeedingRelease& release, const WrittenTarget& target) {
  if (target.kind == TargetKind::kFact) return true;
  if (target.kind == TargetKind::kCapability) {
    const auto& provided = release.needs.capabilities;
    return std::find(provided.begin(), provided.end(), target.name) !=
           provided.end();
  }
  if (release.package != target.name) return false;
  if (target.versions.is_any()) return true;
  const auto version = resolver::Version::Parse(release.version);
  return version.ok() && target.versions.Contains(
                             *version, static_cast<uint64_t>(release.release),
                             resolver::PrereleaseGate::kOpen);
}

}  // namespace

ReleaseNeeds ReadNeeds(const VerifiedRelease& release) {
  ReleaseNeeds needs;
  if (const std::string* const relations = FindRelations(release)) {
    registry::RelationsPlace place;
    place.package = release.package;
    place.release = release.revision.key.release;
    // It may be that of an overlay.
    place.in_overlay = true;
    resolver::WrittenRelations written = std::move(
        registry::ParseRelations(*relations, place).document.relations);
    needs.requirements = std::move(written.requirements);
    for (resolver::WrittenProvide& provide : written.provides) {
      needs.capabilities.push_back(std::move(provide.capability));
    }
  }
  const std::string* const package =
      FindFile(release.files, registry::kPackageFile);
  if (package != nullptr) AddManager(*package, needs);
  return needs;
}

bool IsMet(const WrittenRequirement& requirement,
           const std::vector<NeedingRelease>& releases) {
  if (!requirement.when.empty()) return true;
  return std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                     [&](const resolver::WrittenAlternative& alternative) {
                       return alternative.target.kind == TargetKind::kFact ||
                              std::any_of(releases.begin(), releases.end(),
                                          [&](const NeedingRelease& release) {
                                            return Meets(release,
                                                         alternative.target);
                                          });
                     });
}

}  // namespace orrery::catalog
