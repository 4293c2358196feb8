#ifndef REGISTRY_INDEX_SNAPSHOT_READER_H_
#define REGISTRY_INDEX_SNAPSHOT_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/judge/content_reader.h"
#include "registry/judge/release.h"

namespace orrery::registry {

// One published state of a source in the store. It can be read as long as a
// snapshot that names it lives.
struct SourceVersion {
  // Never given to another source.
  int64_t source = 0;
  // Grows with every change of the source.
  int64_t version = 0;
  std::string name;
  // `<subdir>/repo/packages`.
  std::string folder;
};

// What a snapshot reads when it is asked. Thread-safe.
class SnapshotReader : public ContentReader {
 public:
  // The served releases of a package, highest number first; none when the
  // source does not have it. kDataLoss when what is stored is damaged.
  virtual absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
      const SourceVersion& source, absl::string_view package) = 0;

  // What an overlay source has of a package, highest number first.
  virtual absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
      const SourceVersion& source, absl::string_view package) = 0;

  // Packages of the source whose relations name it (RelationMentions), sorted.
  virtual absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const SourceVersion& source, absl::string_view name) = 0;

  // What its relations name (RelationMentions) that begins with `prefix`,
  // sorted.
  virtual absl::StatusOr<std::vector<std::string>> ReadMentions(
      const SourceVersion& source, absl::string_view prefix) = 0;

  // Names of all packages of the source, sorted. Looks at the whole index.
  virtual absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const SourceVersion& source) = 0;

  // The same of what an overlay source adds to.
  virtual absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const SourceVersion& source) = 0;

  // Names of visible packages that `name` may have been meant to be, nearest
  // first; of the newest state, and none when they cannot be read.
  virtual std::vector<std::string> SimilarNames(absl::string_view name) = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SNAPSHOT_READER_H_
