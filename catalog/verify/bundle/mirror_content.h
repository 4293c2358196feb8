// What the files of a mirror are, by a log that was verified (spec: trust.md
// §16, §18).

#ifndef CATALOG_VERIFY_BUNDLE_MIRROR_CONTENT_H_
#define CATALOG_VERIFY_BUNDLE_MIRROR_CONTENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/verify/bundle/mirror_tree.h"
#include "signing/client/candidates.h"
#include "signing/client/refresh.h"
#include "signing/digest.h"

namespace orrery::catalog {

struct CarriedRevision {
  std::string package;
  signing::RevisionKey key;
  // Of a source that adds files to those of another.
  bool is_overlay = false;
};

struct MirrorContent {
  // All of whose files it has, by package, source and number.
  std::vector<CarriedRevision> revisions;
  // Bytes that no record lists, and that files of those name by `artifact:`.
  std::vector<signing::Digest> artifacts;
};

// Reads every file but blobs and compares it with what the leaves give.
// Refusals: log.tile, log.inclusion; bundle.gap for a blob of revisions of
// which others are not there; in a bundle bundle.manifest for what no record,
// no index and no carried file refers to. A directory may have more: it is
// filled file by file.
absl::StatusOr<MirrorContent> ReadMirrorContent(MirrorTree& tree,
                                                signing::RefreshedLog& log);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_MIRROR_CONTENT_H_
