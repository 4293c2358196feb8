// What the resolver has to know of a package, whatever is asked.

#ifndef CATALOG_RESOLUTION_PACKAGE_FACTS_H_
#define CATALOG_RESOLUTION_PACKAGE_FACTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/release_admission.h"
#include "registry/format/json_value.h"
#include "registry/format/package_document.h"
#include "registry/format/relations_document.h"
#include "registry/index/release_relations.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"
#include "resolver/edges.h"
#include "resolver/range_ranks.h"
#include "resolver/version.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

struct ReleaseFacts {
  registry::ReleasePtr release;
  // Of its label.
  resolver::Version version;
  // In force; never null.
  std::shared_ptr<const registry::RelationsDocument> relations = {};
  // `sha256:…` of the file, or `none`.
  std::string relations_digest = {};
  bool unreadable = false;
  bool has_known_issues = false;
  resolver::ReleaseEdges edges = {};
  std::optional<registry::PackageManager> manager = {};
  std::optional<std::string> min_dcos_version = {};
  // Defaults of its options; null when its relations look at no option.
  std::shared_ptr<const registry::JsonValue> defaults = {};
  // In no source any more; only what runs it may have it.
  bool is_lost = false;
  // Of a lost one: the tree that was installed, if it is known, and which
  // revision it was.
  std::string lost_tree = {};
  int64_t lost_revision = 1;
  // A better source has its label; only what runs it may have it.
  bool is_shadowed = false;
};

struct PackageFacts {
  std::string name;
  // In rank order: worst source first, then lowest release number. Empty when
  // no source has the package.
  std::vector<ReleaseFacts> releases;
  // The same as ranges see them.
  std::vector<resolver::RangedRelease> ranged;
};

// Of the releases of `package` in the snapshot, in rank order.
absl::StatusOr<std::vector<ReleaseFacts>> ReadReleaseFacts(
    const registry::Snapshot& snapshot, const registry::PackageEntry& package,
    registry::OverlayFiles overlays = registry::OverlayFiles::kCover);

// The defaults of its options, if its relations look at any.
absl::Status ReadDefaults(const registry::Snapshot& snapshot,
                          ReleaseFacts* facts);

// How ranges see a release.
resolver::RangedRelease RangedOf(const ReleaseFacts& facts);

// A label that is no version is read as the one nearest to it.
resolver::Version VersionOfLabel(absl::string_view label);

// Takes what a package.json says to the resolver; `root` is an object.
void ReadPackageMembers(const registry::JsonValue& root, ReleaseFacts* facts);

// The tree hash of its files; of a lost one, what its service has of it.
std::string TreeOf(const ReleaseFacts& facts);

// Those of a package that the policy lets count; all without a policy.
registry::OverlayFiles OverlaysOf(const ReleaseAdmissionPtr& admission,
                                  absl::string_view package);

// Reads packages of the newest snapshot that it was asked about, each once.
// Thread-safe.
class PackageFactsCache {
 public:
  absl::StatusOr<std::shared_ptr<const PackageFacts>> Get(
      const registry::SnapshotPtr& snapshot, absl::string_view package,
      registry::OverlayFiles overlays = registry::OverlayFiles::kCover);
  // The labels of clusters that relations name: `@label:rack`.
  absl::StatusOr<std::vector<std::string>> Labels(
      const registry::SnapshotPtr& snapshot);
  // By name: those with a release that provides the capability.
  absl::StatusOr<std::vector<std::string>> Providers(
      const registry::SnapshotPtr& snapshot, absl::string_view capability);

 private:
  // Forgets what another snapshot said.
  void Enter(const registry::SnapshotPtr& snapshot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  // What is held here must not keep an old snapshot in the index.
  std::weak_ptr<const registry::Snapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, registry::OverlayFiles>,
           std::shared_ptr<const PackageFacts>>
      packages_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>, std::less<>> providers_
      ABSL_GUARDED_BY(mutex_);
  std::optional<std::vector<std::string>> labels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_PACKAGE_FACTS_H_
