// The folder of packages in a git tree, `<subdir>/repo/packages/<L>/<name>/<N>`
// (universe-format §2), and what differs between two of them. Trees are
// followed exactly as deep as the layout says and nowhere else.

#ifndef REGISTRY_JUDGE_PACKAGE_TREE_H_
#define REGISTRY_JUDGE_PACKAGE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"

namespace orrery::registry {

struct TreeLimits {
  // Bytes of a tree on the way to the folder of packages. What stands beside
  // the way is not counted otherwise.
  uint64_t max_way_bytes = uint64_t{128} << 20;
  // Bytes of one directory of packages; an entry takes about 40.
  uint64_t max_tree_bytes = uint64_t{8} << 20;
  // Entries of all directories of packages that are read for one answer:
  // 100,000 packages with 10 releases each, and a third more.
  size_t max_entries = 1'500'000;
};

// Asked between any two objects: why reading has to end now, kCancelled or
// kDeadlineExceeded, or OK.
using Interruption = std::function<absl::Status()>;

// A place below `repo/packages` where the layout ends: a release directory, or
// earlier whatever does not fit.
struct PackageTreeEntry {
  // Relative to the repository's root; any bytes but NUL.
  std::string path;
  // Parts below `repo/packages`: 3 for a release directory.
  int depth = 0;
  uint32_t mode = 0;
  ObjectId id;

  bool operator==(const PackageTreeEntry&) const = default;
};

struct PackageTreeChange {
  // At least one is set.
  std::optional<PackageTreeEntry> before;
  std::optional<PackageTreeEntry> after;

  const std::string& path() const { return (after ? after : before)->path; }
};

// `<subdir>/repo/packages`, without a slash in front.
std::string PackagesPath(absl::string_view subdir);

// The same status with the place in front of its message.
absl::Status AtPlace(absl::string_view path, const absl::Status& status);

// The tree at `path` of the commit's tree `root`; nothing when there is no such
// folder. Only the trees on the way are read.
absl::StatusOr<std::optional<ObjectId>> FindTree(
    const GitRepository& repository, const ObjectId& root,
    absl::string_view path, const TreeLimits& limits);

// What differs between two folders of packages, by path; nothing stands for an
// empty one, and equal trees are not read. `packages_path` is put in front of
// paths. kDataLoss for a missing object or a name that no file system has,
// kResourceExhausted when a limit is broken, and what `interrupted` says.
absl::StatusOr<std::vector<PackageTreeChange>> DiffPackageTrees(
    const GitRepository& repository, absl::string_view packages_path,
    const std::optional<ObjectId>& before, const std::optional<ObjectId>& after,
    const TreeLimits& limits, const Interruption& interrupted);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_PACKAGE_TREE_H_
