// Bringing the index of a source up to a commit: what differs, and whether it
// may be taken in. Nothing is judged, stored or served here.

#ifndef REGISTRY_SOURCE_SYNC_H_
#define REGISTRY_SOURCE_SYNC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"
#include "registry/git/source.h"
#include "registry/index/indexed_source.h"
#include "registry/index/source_rows.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/tree_judge.h"

namespace orrery::registry {

struct SyncLimits {
  TreeLimits tree;
  // First-parent commits that are walked one by one; a longer way is taken in
  // one step.
  size_t max_commits = 20'000;
  // Places that differ from one commit to the next, on the whole way; more are
  // taken in one step too.
  size_t max_changes = 200'000;
  JudgingLimits judging;
  // A commit that removes at least so many releases, and more than this share
  // of all, waits for a confirmation (universe-format §18).
  int64_t min_removals = 10;
  double removal_share = 0.2;
};

// Whether `ancestor`, which need not be there any more, is `commit` or one of
// the commits that it grew from. kDataLoss where they cannot be read;
// kResourceExhausted behind too many.
absl::StatusOr<bool> DescendsFrom(const GitRepository& repository,
                                  const ObjectId& commit,
                                  const ObjectId& ancestor,
                                  const Interruption& interrupted);

// Whether something of a repository could not be read: it, or a clone of it, is
// damaged, and no database of ours.
bool IsUnreadable(const absl::Status& status);

// What is indexed now.
struct IndexedState {
  const IndexedSource* index;
  // Empty before the first sync.
  std::string commit;
  std::string packages_tree;
  // Of maintainers' statements; empty also when there is none.
  std::string trust_tree;
  // Whether statements that wait are looked at again though nothing changed.
  bool retries_statements = false;
};

// What a commit may have for maintainers' statements (trust.md §15.4, 4 a).
struct TrustStep {
  ObjectId commit = {};
  // The commit's tree, and the folders `trust` of the commit before and of it.
  ObjectId root = {};
  std::optional<ObjectId> before = {};
  std::optional<ObjectId> after = {};
  // Whether all that waits is looked at, whatever has changed.
  bool is_whole = false;
  // The plan's revisions that are of this commit: from … to before ….
  size_t first_revision = 0;
  size_t end_revision = 0;
};

// What has to change to serve a commit.
struct SyncPlan {
  ObjectId commit;
  // Its tree.
  ObjectId root;
  // Whether `revisions` are all that happened since the indexed commit, in its
  // order; else the tip is compared with the index as a whole.
  bool is_walk = false;
  std::optional<ObjectId> packages_tree;
  // Places to judge, by path.
  std::vector<PackageTreeEntry> judge;
  // Directories that are gone.
  std::vector<std::string> erase;
  std::vector<ReleaseRevision> revisions;
  // Of a walk, in the order of the commits.
  std::vector<TrustStep> trust;
  std::optional<ObjectId> trust_tree;
  // Served releases among `erase`.
  int64_t removed = 0;
};

// Walks the first parents from the indexed commit to `commit`; one tree diff
// where that does not lead there. Errors as DiffPackageTrees.
absl::StatusOr<SyncPlan> PlanSync(const GitRepository& repository,
                                  const Source& source,
                                  const IndexedState& indexed,
                                  const ObjectId& commit,
                                  const SyncLimits& limits,
                                  const Interruption& interrupted);

// kFailedPrecondition with reason SOURCE_HELD when the plan removes so much
// that it must be confirmed.
absl::Status CheckRemovals(const SyncPlan& plan, const IndexedSource& index,
                           const SyncLimits& limits);

// Says that the commit has no `<subdir>/repo/packages`, and where one is;
// nothing when it has. Looks only at the root and the folders directly below
// it.
absl::StatusOr<std::optional<std::string>> ExplainMissingFolder(
    const GitRepository& repository, const ObjectId& commit,
    absl::string_view subdir, const TreeLimits& limits);

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SYNC_H_
