// All releases of all sources at known commits, merged by priority.

#ifndef REGISTRY_SNAPSHOT_H_
#define REGISTRY_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/content_reader.h"
#include "registry/format/finding.h"
#include "registry/release.h"
#include "registry/release_range.h"

namespace orrery::registry {

// The releases of one name.
struct PackageEntry {
  std::string name;
  // Best source first, then highest release number (universe-format §10). A
  // label that a better source has too is left out; never empty.
  std::vector<ReleasePtr> releases;

  // The first that is not hidden; null when all are.
  const Release* default_release() const;
  // The default release, or the first when all are hidden.
  const Release& shown_release() const;
};

using PackagePtr = std::shared_ptr<const PackageEntry>;

// What a snapshot holds of one source.
struct SourceContents {
  std::string name;
  // URL as configured.
  std::string url;
  // Lower wins; equal ones go by name.
  int32_t priority = 100;
  // Indexed commit, hex; empty before the first sync.
  std::string commit;
  int64_t packages = 0;
  int64_t releases = 0;
  // Packages without a visible release.
  int64_t hidden = 0;
  int64_t legacy_releases = 0;
  // Findings that refuse, by path.
  std::vector<Finding> refused;
  // Findings of the served releases by rule.
  std::map<std::string, int64_t> findings;
};

// Immutable; shared by readers without a lock. References and pointers it gives
// are valid while it lives.
class Snapshot {
 public:
  // Empty.
  Snapshot() = default;
  // `packages` by name. `content` may be null when nothing will be read.
  Snapshot(uint64_t generation, std::vector<PackagePtr> packages,
           std::vector<std::shared_ptr<const SourceContents>> sources,
           std::shared_ptr<ContentReader> content);

  // Grows with every change; unique within one run of the server.
  uint64_t generation() const { return generation_; }

  // By name, hidden ones included.
  const std::vector<PackagePtr>& packages() const { return packages_; }
  // Best first.
  const std::vector<std::shared_ptr<const SourceContents>>& sources() const {
    return sources_;
  }

  // Null when no source has it.
  const PackageEntry* FindPackage(absl::string_view name) const;
  // Null when there is no such source, or it was never indexed.
  const SourceContents* FindSource(absl::string_view name) const;

  // kNotFound with reason PACKAGE_NOT_FOUND and the nearest names.
  absl::StatusOr<const PackageEntry*> GetPackage(absl::string_view name) const;
  // The best release that `range` allows; without a range the default one.
  // Hidden releases are found by their label or number, and when the package
  // has no other. kNotFound, also with reason RELEASE_NOT_FOUND.
  absl::StatusOr<const Release*> Select(absl::string_view name,
                                        const ReleaseRange& range) const;
  // The release of that number, of the best source unless one is named.
  absl::StatusOr<const Release*> GetRelease(absl::string_view name,
                                            int64_t release,
                                            absl::string_view source) const;

  // The bytes of a file of a release of this snapshot. kNotFound when the
  // release has no such file; kDataLoss when the store is damaged.
  absl::StatusOr<std::string> ReadFile(const Release& release,
                                       absl::string_view file) const;
  // The same, but empty when the release has no such file.
  absl::StatusOr<std::string> ReadOptionalFile(const Release& release,
                                               absl::string_view file) const;

 private:
  uint64_t generation_ = 0;
  std::vector<PackagePtr> packages_;
  std::vector<std::shared_ptr<const SourceContents>> sources_;
  std::shared_ptr<ContentReader> content_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace orrery::registry

#endif  // REGISTRY_SNAPSHOT_H_
