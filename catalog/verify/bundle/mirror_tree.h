#ifndef CATALOG_VERIFY_BUNDLE_MIRROR_TREE_H_
#define CATALOG_VERIFY_BUNDLE_MIRROR_TREE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/verify/file_tree.h"
#include "catalog/verify/mirror_path.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::catalog {

struct MirrorFile {
  std::string path;
  MirrorPath name;
  int64_t bytes = 0;
};

// A mirror on this machine whose files are known: a bundle or a directory.
class MirrorTree : public FileTree {
 public:
  // All files that a mirror may have, sorted by path. Of blobs and catalogs,
  // and in a bundle of every file, the digest was found to be the named one.
  virtual const std::vector<MirrorFile>& files() const = 0;
  // Nothing but what it refers to may be in it.
  virtual bool is_bundle() const = 0;

  bool is_remote() const final { return false; }
};

// What is at `path`; when there are `exporters`, a bundle that one of them
// signed. Refusals: bundle.manifest, for a directory content.digest; kNotFound,
// kUnavailable, and kInvalidArgument for a directory, which nobody signs.
absl::StatusOr<std::unique_ptr<MirrorTree>> OpenMirror(
    const std::string& path, std::span<const signing::SshKey> exporters);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_MIRROR_TREE_H_
