// All releases of all sources at known commits, merged by priority.

#ifndef REGISTRY_INDEX_SNAPSHOT_H_
#define REGISTRY_INDEX_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/index/snapshot_reader.h"
#include "registry/judge/release.h"
#include "resolver/version_range.h"

namespace orrery::registry {

// The releases of one name.
struct PackageEntry {
  std::string name;
  // Best source first, then highest release number (universe-format §10). A
  // label that a better source has too is left out; never empty.
  std::vector<ReleasePtr> releases;

  // The first that is not hidden; null when all are.
  ReleasePtr default_release() const;
  // The default release, or the first when all are hidden.
  ReleasePtr shown_release() const;
  // The best in a range, as Snapshot::Select says it; null when there is none.
  // A label that is no version is only found as it is written.
  ReleasePtr Best(const resolver::VersionRange& range) const;
};

using PackagePtr = std::shared_ptr<const PackageEntry>;

// How much a source has.
struct SourceCounts {
  int64_t packages = 0;
  int64_t releases = 0;
  // Packages without a visible release.
  int64_t hidden = 0;
  int64_t legacy_releases = 0;
  // Directories that add files to releases of another source.
  int64_t overlays = 0;
  // Places that are refused.
  int64_t refused_places = 0;
  // Findings of the served releases by rule.
  std::map<std::string, int64_t> findings;

  bool operator==(const SourceCounts&) const = default;
};

// How many refused places a source lists.
inline constexpr int64_t kMaxRefusedPlaces = 1000;

// What a snapshot holds of one source.
struct SourceContents : SourceCounts {
  std::string name;
  // URL as configured.
  std::string url;
  // Lower wins; equal ones go by name.
  int32_t priority = 100;
  // The source whose releases it adds files to; empty unless it is an overlay.
  std::string overlay_of;
  // Indexed commit, hex.
  std::string commit;
  // Findings that refuse, by path; of the first kMaxRefusedPlaces.
  std::vector<Finding> refused;
  // Where the releases are.
  SourceVersion version;
};

// Immutable; shared by readers without a lock. It holds what is known of each
// source; packages are read from the store when they are asked for, as they
// were when the snapshot was made. The store keeps that state as long as the
// snapshot lives.
class Snapshot {
 public:
  // Empty.
  Snapshot() = default;
  // `sources` best first. `reader` may be null when there are none.
  Snapshot(uint64_t generation,
           std::vector<std::shared_ptr<const SourceContents>> sources,
           int64_t visible_packages, std::shared_ptr<SnapshotReader> reader);

  // Grows with every change.
  uint64_t generation() const { return generation_; }
  // Packages with a visible release.
  int64_t visible_packages() const { return visible_packages_; }

  // Best first.
  const std::vector<std::shared_ptr<const SourceContents>>& sources() const {
    return sources_;
  }
  // What it reads when it is asked; may be null when there are no sources.
  const std::shared_ptr<SnapshotReader>& reader() const { return reader_; }

  // Null when there is no such source, or it was never indexed; valid while
  // this snapshot lives.
  const SourceContents* FindSource(absl::string_view name) const;

  // Of all packages, hidden ones included, sorted; for what goes through
  // everything.
  absl::StatusOr<std::vector<std::string>> PackageNames() const;
  // Null when no source has it. kDataLoss when the store is damaged; the same
  // for all that follows.
  absl::StatusOr<PackagePtr> FindPackage(absl::string_view name) const;
  // The same of one source, with the labels that a better one has too.
  absl::StatusOr<PackagePtr> FindPackageIn(absl::string_view source,
                                           absl::string_view name) const;
  // kNotFound with reason PACKAGE_NOT_FOUND and the nearest names.
  absl::StatusOr<PackagePtr> GetPackage(absl::string_view name) const;
  // Names of visible packages that `name` may have been meant to be, nearest
  // first.
  std::vector<std::string> SimilarNames(absl::string_view name) const;
  // The best release in the range, a pre-release only if it names one or there
  // is nothing else; for `*` the default one. Hidden releases are found by
  // their label or number, and when the package has no other. kNotFound, also
  // with reason RELEASE_NOT_FOUND.
  absl::StatusOr<ReleasePtr> Select(absl::string_view name,
                                    const resolver::VersionRange& range) const;
  // The release of that number, of the best source unless one is named.
  absl::StatusOr<ReleasePtr> GetRelease(absl::string_view name, int64_t release,
                                        absl::string_view source) const;

  // What the overlays of the source `base` have of a package: best overlay
  // source first, then highest number.
  absl::StatusOr<std::vector<ReleasePtr>> FindOverlays(
      absl::string_view base, absl::string_view package) const;
  // Names of the packages that an overlay source adds to, sorted.
  absl::StatusOr<std::vector<std::string>> OverlayNames(
      const SourceContents& overlay) const;
  // Packages of any source whose relations name it (RelationMentions), sorted.
  absl::StatusOr<std::vector<std::string>> PackagesMentioning(
      absl::string_view name) const;

  // What relations of any source name that begins with `prefix`, sorted.
  absl::StatusOr<std::vector<std::string>> Mentions(
      absl::string_view prefix) const;

  // The bytes of a file of a release, or overlay, of this snapshot. kNotFound
  // when the release has no such file.
  absl::StatusOr<std::string> ReadFile(const Release& release,
                                       absl::string_view file) const;
  // The same, but empty when the release has no such file.
  absl::StatusOr<std::string> ReadOptionalFile(const Release& release,
                                               absl::string_view file) const;

 private:
  uint64_t generation_ = 0;
  std::vector<std::shared_ptr<const SourceContents>> sources_;
  int64_t visible_packages_ = 0;
  std::shared_ptr<SnapshotReader> reader_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SNAPSHOT_H_
