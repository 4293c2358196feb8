#include "catalog/verify/overlay_files.h"

#include <optional>
#include <string>
#include <utility>

#include "catalog/verify/content_agreement.h"
#include "catalog/verify/release_files.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "resolver/version.h"
#include "resolver/version_range.h"
#include "signing/client/candidates.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

absl::StatusOr<VerifiedOverlay> ReadOverlay(const std::string& package,
                                            const signing::RevisionKey& key,
                                            const signing::ReleaseCheck& check,
                                            const LogFiles& files) {
  ORRERY_RETURN_IF_ERROR(check.CheckOverlay(package, key));
  const signing::RevisionEntry& entry =
      signing::FindRelease(*signing::FindPackage(*files.log, package),
                           key.source, key.release)
          ->revisions[key.revision - 1];
  ORRERY_ASSIGN_OR_RETURN(const SignedContent logged,
                          ReadContent(entry, files));
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<VerifiedFile> added,
      FetchReleaseFiles(package, logged.content, *files.places, *files.cache));
  ORRERY_RETURN_IF_ERROR(CheckOverlayAgreement(package, logged.content, added));
  return VerifiedOverlay{key.source,         key.release,      key.revision,
                         entry.first_leaf(), logged.statement, entry.tree,
                         std::move(added)};
}

// nullopt for one that is not used.
absl::StatusOr<std::optional<VerifiedOverlay>> AdmitOverlay(
    const std::string& package, const signing::RevisionKey& key,
    const signing::ReleaseCheck& check, const LogFiles& files) {
  auto overlay = ReadOverlay(package, key, check, files);
  if (overlay.ok()) return std::optional(*std::move(overlay));
  if (signing::MayTryNextCandidate(overlay.status())) {
    return std::optional<VerifiedOverlay>();
  }
  return overlay.status();
}

}  // namespace

bool CoverAlso(absl::string_view relations, int64_t number,
               absl::string_view package, int64_t release,
               absl::string_view version) {
  registry::RelationsPlace place;
  place.package = std::string(package);
  place.release = number;
  place.in_overlay = true;
  const auto range =
      registry::ParseRelations(relations, place).document.relations.releases;
  if (!range.has_value()) return false;
  const auto label = resolver::Version::Parse(version);
  return label.ok() ? range->Contains(*label, static_cast<uint64_t>(release),
                                      resolver::PrereleaseGate::kOpen)
                    : range->is_any();
}

absl::StatusOr<std::vector<VerifiedOverlay>> ReadOverlays(
    const VerifiedRelease& release, const signing::ReleaseCheck& check,
    const LogFiles& files) {
  std::vector<VerifiedOverlay> overlays;
  const signing::PackageState& package =
      *signing::FindPackage(*files.log, release.package);
  const signing::RevisionKey& base = release.revision.key;
  for (const signing::RevisionKey& key :
       signing::FindOverlays(*files.log, package, base)) {
    ORRERY_ASSIGN_OR_RETURN(std::optional<VerifiedOverlay> overlay,
                            AdmitOverlay(release.package, key, check, files));
    if (!overlay.has_value()) continue;
    std::erase_if(overlay->files, [&](const VerifiedFile& file) {
      return FindFile(release.files, file.path) != nullptr;
    });
    overlays.push_back(*std::move(overlay));
  }
  if (FindFile(release.files, registry::kRelationsFile) != nullptr) {
    return overlays;
  }
  // Of those of other releases only relations that say they are of this one.
  for (const signing::RevisionKey& key :
       signing::FindOtherOverlays(*files.log, package, base)) {
    ORRERY_ASSIGN_OR_RETURN(std::optional<VerifiedOverlay> overlay,
                            AdmitOverlay(release.package, key, check, files));
    if (!overlay.has_value()) continue;
    const std::string* relations =
        FindFile(overlay->files, registry::kRelationsFile);
    if (relations == nullptr ||
        !CoverAlso(*relations, key.release, release.package, base.release,
                   release.revision.version)) {
      continue;
    }
    overlay->files = {{registry::kRelationsFile, *relations}};
    overlays.push_back(*std::move(overlay));
  }
  return overlays;
}

}  // namespace orrery::catalog
