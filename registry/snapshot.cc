#include "registry/snapshot.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/error_details.h"
#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {

const Release* PackageEntry::default_release() const {
  for (const ReleasePtr& release : releases) {
    if (!release->hidden) return release.get();
  }
  return nullptr;
}

const Release& PackageEntry::shown_release() const {
  const Release* visible = default_release();
  return visible != nullptr ? *visible : *releases.front();
}

Snapshot::Snapshot(uint64_t generation, std::vector<PackagePtr> packages,
                   std::vector<std::shared_ptr<const SourceContents>> sources,
                   std::shared_ptr<ContentReader> content)
    : generation_(generation),
      packages_(std::move(packages)),
      sources_(std::move(sources)),
      content_(std::move(content)) {}

const PackageEntry* Snapshot::FindPackage(absl::string_view name) const {
  const auto found =
      std::lower_bound(packages_.begin(), packages_.end(), name,
                       [](const PackagePtr& entry, absl::string_view wanted) {
                         return entry->name < wanted;
                       });
  if (found == packages_.end() || (*found)->name != name) return nullptr;
  return found->get();
}

const SourceContents* Snapshot::FindSource(absl::string_view name) const {
  for (const auto& source : sources_) {
    if (source->name == name) return source.get();
  }
  return nullptr;
}

absl::StatusOr<const PackageEntry*> Snapshot::GetPackage(
    absl::string_view name) const {
  if (const PackageEntry* found = FindPackage(name)) return found;
  std::vector<std::string> known;
  known.reserve(packages_.size());
  for (const PackagePtr& entry : packages_) {
    if (entry->default_release() != nullptr) known.push_back(entry->name);
  }
  const std::vector<std::string> nearest = resolver::NearestWords(name, known);
  ErrorMetadata metadata = {{"package", std::string(name)}};
  std::string message = absl::StrCat("no source has a package \"", name, "\"");
  if (!nearest.empty()) {
    metadata[kDidYouMean] = absl::StrJoin(nearest, ", ");
    absl::StrAppend(&message, "; did you mean \"",
                    absl::StrJoin(nearest, "\", \""), "\"?");
  } else if (packages_.empty()) {
    absl::StrAppend(&message, "; there are no packages at all");
  }
  return WithReason(absl::NotFoundError(message), "PACKAGE_NOT_FOUND",
                    metadata);
}

absl::StatusOr<const Release*> Snapshot::Select(
    absl::string_view name, const ReleaseRange& range) const {
  ORRERY_ASSIGN_OR_RETURN(const PackageEntry* const package, GetPackage(name));
  if (range.any()) return &package->shown_release();
  for (const ReleasePtr& release : package->releases) {
    if (range.Allows(*release)) return release.get();
  }
  std::vector<std::string> labels;
  for (const ReleasePtr& release : package->releases) {
    labels.push_back(absl::StrCat("=", release->version));
  }
  const std::vector<std::string> nearest =
      resolver::NearestWords(range.text(), labels, 1);
  ErrorMetadata metadata = {{"package", std::string(name)},
                            {"range", range.text()}};
  std::string message =
      absl::StrCat("package \"", name, "\" has no release ", range.text());
  if (!nearest.empty()) {
    metadata[kDidYouMean] = nearest.front();
    absl::StrAppend(&message, "; did you mean ", nearest.front(), "?");
  }
  return WithReason(absl::NotFoundError(message), "RELEASE_NOT_FOUND",
                    metadata);
}

absl::StatusOr<const Release*> Snapshot::GetRelease(
    absl::string_view name, int64_t release, absl::string_view source) const {
  ORRERY_ASSIGN_OR_RETURN(const PackageEntry* const package, GetPackage(name));
  for (const ReleasePtr& candidate : package->releases) {
    if (candidate->release == release &&
        (source.empty() || candidate->source == source)) {
      return candidate.get();
    }
  }
  std::string message =
      absl::StrCat("package \"", name, "\" has no release ", release);
  if (!source.empty()) absl::StrAppend(&message, " in source \"", source, "\"");
  return WithReason(
      absl::NotFoundError(message), "RELEASE_NOT_FOUND",
      {{"package", std::string(name)}, {"release", absl::StrCat(release)}});
}

absl::StatusOr<std::string> Snapshot::ReadFile(const Release& release,
                                               absl::string_view file) const {
  const auto found = std::find_if(
      release.files.begin(), release.files.end(),
      [&](const ReleaseContent& entry) { return entry.name == file; });
  if (found == release.files.end() || !found->digest.has_value()) {
    return absl::NotFoundError(
        absl::StrCat(release.directory, " has no file \"", file, "\""));
  }
  return content_->Read(*found->digest);
}

absl::StatusOr<std::string> Snapshot::ReadOptionalFile(
    const Release& release, absl::string_view file) const {
  const bool present = std::any_of(
      release.files.begin(), release.files.end(),
      [&](const ReleaseContent& entry) { return entry.name == file; });
  if (!present) return std::string();
  return ReadFile(release, file);
}

}  // namespace orrery::registry
