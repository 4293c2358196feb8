// The folder `trust` of a git tree: the statements of maintainers (spec:
// trust.md §15.1).

#ifndef REGISTRY_JUDGE_TRUST_TREE_H_
#define REGISTRY_JUDGE_TRUST_TREE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"
#include "registry/judge/package_tree.h"

namespace orrery::registry {

// `<subdir>/trust`, without a slash in front.
std::string TrustPath(absl::string_view subdir);

// Packages whose folders, or links in their place, are not the same in two
// folders `trust`; nothing stands for one without any. What is no package's
// name is passed over. Errors as DiffPackageTrees.
absl::StatusOr<std::set<std::string>> ChangedStatements(
    const GitRepository& repository, const std::optional<ObjectId>& before,
    const std::optional<ObjectId>& after, const TreeLimits& limits);

// What is a link or a submodule, which nobody follows, on the way to `path`: as
// much of it as leads there; empty when nothing is. Errors as FindTree.
absl::StatusOr<std::string> FindLink(const GitRepository& repository,
                                     const ObjectId& root,
                                     absl::string_view path,
                                     const TreeLimits& limits);

// The blobs of one statement.
struct StatementBlobs {
  // Nothing when only signatures are there.
  std::optional<ObjectId> statement;
  // With their names; at most one more than may be.
  std::vector<std::pair<std::string, ObjectId>> signatures;
  // Name of one that is a link, or a folder; empty when all are files.
  std::string irregular = {};
};

// By seq. `trust` is a folder `trust`; empty when that has no folder of the
// package. Other files are passed over.
absl::StatusOr<std::map<int64_t, StatementBlobs>> ReadStatements(
    const GitRepository& repository, const std::optional<ObjectId>& trust,
    absl::string_view package, const TreeLimits& limits);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_TRUST_TREE_H_
