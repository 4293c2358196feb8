#include "registry/index/snapshot.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "resolver/spelling.h"
#include "resolver/version.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {

namespace {}  // namespace

ReleasePtr PackageEntry::default_release() const {
  for (const ReleasePtr& release : releases) {
    if (!release->hidden) return release;
  }
  return nullptr;
}

ReleasePtr PackageEntry::shown_release() const {
  const ReleasePtr visible = default_release();
  return visible != nullptr ? visible : releases.front();
}

ReleasePtr PackageEntry::Best(const resolver::VersionRange& range) const {
  if (range.is_any()) return shown_release();
  const std::string& text = range.ToString();
  ReleasePtr prerelease;
  const bool only_prereleases = std::all_of(
      releases.begin(), releases.end(), [](const ReleasePtr& release) {
        const auto version = resolver::Version::Parse(release->version);
        return release->hidden || (version.ok() && version->is_prerelease());
      });
  for (const ReleasePtr& release : releases) {
    if (text == absl::StrCat("=", release->version)) return release;
  }
  for (const ReleasePtr& release : releases) {
    if (release->hidden && !range.names_one()) continue;
    const auto version = resolver::Version::Parse(release->version);
    const auto number = static_cast<uint64_t>(release->release);
    if (!version.ok()) {
      if (text == absl::StrCat("release=", number)) return release;
      continue;
    }
    if (!range.Contains(*version, number,
                        only_prereleases ? resolver::PrereleaseGate::kOpen
                                         : resolver::PrereleaseGate::kClosed)) {
      continue;
    }
    if (!version->is_prerelease()) return release;
    if (prerelease == nullptr) prerelease = release;
  }
  return prerelease;
}

Snapshot::Snapshot(uint64_t generation,
                   std::vector<std::shared_ptr<const SourceContents>> sources,
                   int64_t visible_packages,
                   std::shared_ptr<SnapshotReader> reader)
    : generation_(generation),
      sources_(std::move(sources)),
      visible_packages_(visible_packages),
      reader_(std::move(reader)) {}

absl::StatusOr<std::vector<std::string>> Snapshot::PackageNames() const {
  std::set<std::string> names;
  for (const auto& source : sources_) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> some,
                            reader_->ReadPackageNames(source->version));
    names.insert(some.begin(), some.end());
  }
  return std::vector<std::string>(names.begin(), names.end());
}

// A label that a better source has is not taken from a worse one
// (universe-format §10); one source may have it several times. What is not
// current takes none from others, and nothing from it.
absl::StatusOr<PackagePtr> Snapshot::FindPackage(absl::string_view name) const {
  auto package = std::make_shared<PackageEntry>();
  std::set<std::string> labels;
  for (const auto& source : sources_) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<ReleasePtr> releases,
                            reader_->ReadReleases(source->version, name));
    std::erase_if(releases, [&labels](const ReleasePtr& release) {
      return release->not_current.empty() && labels.contains(release->version);
    });
    for (ReleasePtr& release : releases) {
      if (release->not_current.empty()) labels.insert(release->version);
      package->releases.push_back(std::move(release));
    }
  }
  if (package->releases.empty()) return nullptr;
  package->name = std::string(name);
  return package;
}

absl::StatusOr<PackagePtr> Snapshot::FindPackageIn(
    absl::string_view source, absl::string_view name) const {
  const SourceContents* contents = FindSource(source);
  if (contents == nullptr) return nullptr;
  auto package = std::make_shared<PackageEntry>();
  ORRERY_ASSIGN_OR_RETURN(package->releases,
                          reader_->ReadReleases(contents->version, name));
  if (package->releases.empty()) return nullptr;
  package->name = std::string(name);
  return package;
}

const SourceContents* Snapshot::FindSource(absl::string_view name) const {
  for (const auto& source : sources_) {
    if (source->name == name) return source.get();
  }
  return nullptr;
}

std::vector<std::string> Snapshot::SimilarNames(absl::string_view name) const {
  if (reader_ == nullptr) return {};
  return reader_->SimilarNames(name);
}

absl::StatusOr<PackagePtr> Snapshot::GetPackage(absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(PackagePtr found, FindPackage(name));
  if (found != nullptr) return found;
  const std::vector<std::string> nearest = SimilarNames(name);
  ErrorMetadata metadata = {{"package", std::string(name)}};
  std::string message = absl::StrCat("no source has a package \"", name, "\"");
  Suggest(nearest, &message, &metadata);
  if (nearest.empty() && visible_packages_ == 0) {
    absl::StrAppend(&message, "; there are no packages at all");
  }
  return WithReason(absl::NotFoundError(message), "PACKAGE_NOT_FOUND",
                    metadata);
}

absl::StatusOr<ReleasePtr> Snapshot::Select(
    absl::string_view name, const resolver::VersionRange& range) const {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package, GetPackage(name));
  if (ReleasePtr found = package->Best(range)) return found;
  std::vector<std::string> labels;
  for (const ReleasePtr& release : package->releases) {
    labels.push_back(absl::StrCat("=", release->version));
  }
  const std::vector<std::string> nearest =
      resolver::NearestWords(range.ToString(), labels, 1);
  ErrorMetadata metadata = {{"package", std::string(name)},
                            {"range", range.ToString()}};
  std::string message =
      absl::StrCat("package \"", name, "\" has no release ", range.ToString());
  Suggest(nearest, &message, &metadata);
  return WithReason(absl::NotFoundError(message), "RELEASE_NOT_FOUND",
                    metadata);
}

absl::StatusOr<ReleasePtr> Snapshot::GetRelease(
    absl::string_view name, int64_t release, absl::string_view source) const {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package, GetPackage(name));
  for (const ReleasePtr& candidate : package->releases) {
    if (candidate->release == release &&
        (source.empty() || candidate->source == source)) {
      return candidate;
    }
  }
  std::string message =
      absl::StrCat("package \"", name, "\" has no release ", release);
  if (!source.empty()) absl::StrAppend(&message, " in source \"", source, "\"");
  return WithReason(
      absl::NotFoundError(message), "RELEASE_NOT_FOUND",
      {{"package", std::string(name)}, {"release", absl::StrCat(release)}});
}

absl::StatusOr<std::vector<ReleasePtr>> Snapshot::FindOverlays(
    absl::string_view base, absl::string_view package) const {
  std::vector<ReleasePtr> overlays;
  for (const auto& source : sources_) {
    if (source->overlay_of.empty() || source->overlay_of != base) continue;
    ORRERY_ASSIGN_OR_RETURN(std::vector<ReleasePtr> some,
                            reader_->ReadOverlays(source->version, package));
    std::move(some.begin(), some.end(), std::back_inserter(overlays));
  }
  return overlays;
}

absl::StatusOr<std::vector<std::string>> Snapshot::OverlayNames(
    const SourceContents& overlay) const {
  return reader_->ReadOverlayNames(overlay.version);
}

absl::StatusOr<std::vector<std::string>> Snapshot::PackagesMentioning(
    absl::string_view name) const {
  std::set<std::string> packages;
  for (const auto& source : sources_) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> some,
                            reader_->ReadMentioning(source->version, name));
    packages.insert(some.begin(), some.end());
  }
  return std::vector<std::string>(packages.begin(), packages.end());
}

absl::StatusOr<std::vector<std::string>> Snapshot::Mentions(
    absl::string_view prefix) const {
  std::set<std::string> mentions;
  for (const auto& source : sources_) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> some,
                            reader_->ReadMentions(source->version, prefix));
    mentions.insert(some.begin(), some.end());
  }
  return std::vector<std::string>(mentions.begin(), mentions.end());
}

absl::StatusOr<std::string> Snapshot::ReadFile(const Release& release,
                                               absl::string_view file) const {
  const ReleaseContent* found = FindFile(release, file);
  if (found == nullptr || !found->digest.has_value()) {
    return absl::NotFoundError(
        absl::StrCat(release.directory, " has no file \"", file, "\""));
  }
  return reader_->Read(*found->digest);
}

absl::StatusOr<std::string> Snapshot::ReadOptionalFile(
    const Release& release, absl::string_view file) const {
  if (FindFile(release, file) == nullptr) return std::string();
  return ReadFile(release, file);
}

}  // namespace orrery::registry
