// Which relations.json is in force for a release: its own, or that of an
// overlay (resolver.md §7).

#ifndef REGISTRY_INDEX_RELEASE_RELATIONS_H_
#define REGISTRY_INDEX_RELEASE_RELATIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/relations_document.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"
#include "resolver/version_range.h"

namespace orrery::registry {

struct ReleaseRelations {
  // Never null; empty when nothing covers the release.
  std::shared_ptr<const RelationsDocument> document;
  // The release or overlay that has the file, or null.
  ReleasePtr holder;
  // Its own file is refused: what it requires is not known.
  bool unreadable = false;
};

// Of all releases of a package.
struct RelationsInForce {
  // One for each of the package's releases.
  std::vector<ReleaseRelations> releases;
  // Files that are not used, each with its reason:
  // `relations.option: examples:K/kafka/7/relations.json#/requires/0: …`.
  std::vector<std::string> refusals;
  // The same, and directories of overlays for releases that their base does not
  // have, as findings by the name of the source.
  std::vector<std::pair<std::string, Finding>> findings;
};

// Whether files of overlays cover releases that have none of their own.
enum class OverlayFiles : uint8_t { kCover, kIgnored };

// A file of an overlay that says something wrong of one release it covers
// covers none. Errors are those of reading the snapshot.
absl::StatusOr<RelationsInForce> ReadRelationsInForce(
    const Snapshot& snapshot, const PackageEntry& package,
    OverlayFiles overlays = OverlayFiles::kCover);

// `overlay-dangling`: `base` has no release for the directory of an overlay,
// which is kept and covers nothing.
Finding DanglingOverlay(const Release& holder, absl::string_view base);

// Whether the range has the release; of one whose label is no version, whether
// it is any.
bool Selects(const resolver::VersionRange& range, const Release& release);

// `sha256:` and the digest of the file in force, or `none`.
std::string RelationsDigest(const ReleaseRelations& relations);
// Where that file is: `examples:K/kafka/7/relations.json`; empty for none.
std::string RelationsOrigin(const ReleaseRelations& relations);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_RELEASE_RELATIONS_H_
