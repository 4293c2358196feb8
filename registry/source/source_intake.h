#ifndef REGISTRY_SOURCE_SOURCE_INTAKE_H_
#define REGISTRY_SOURCE_SOURCE_INTAKE_H_

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "registry/git/git_repository.h"
#include "registry/index/index_store.h"
#include "registry/index/index_update.h"
#include "registry/index/indexed_source.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/release_judge.h"
#include "registry/judge/tree_judge.h"
#include "registry/log/source_observer.h"
#include "registry/source/statement_intake.h"
#include "registry/source/sync.h"
#include "signing/digest.h"

namespace orrery::registry {

// Reads what a plan names, judges it, and tells the observer of the log and the
// update of the index what it found. Nothing is published here; after an error
// both are to be given up. One use; not thread-safe.
class SourceIntake {
 public:
  struct Place {
    // Of the repository, for threads that open it again.
    std::string path;
    const GitRepository* repository = nullptr;
    JudgedSource source;
    JudgingLimits limits;
    Interruption interrupted;
  };

  // What is pointed to must outlive this. `statements` is null for a source
  // that maintainers do not publish in.
  SourceIntake(Place place, StatementIntake* statements,
               SourceObserver* observer, IndexUpdate* update)
      : place_(std::move(place)),
        statements_(statements),
        observer_(*observer),
        update_(*update) {}

  // Commit by commit. Requires: plan.is_walk, and the log has read up to where
  // the walk begins.
  absl::Status TakeWalk(const SyncPlan& plan);
  // The tip as a whole; `index` is what is indexed before.
  absl::Status TakeTip(const SyncPlan& plan, const IndexedSource& index,
                       IndexStore& store);

 private:
  absl::Status Judge(const std::vector<PackageTreeEntry>& places,
                     const std::function<absl::Status(const PackageTreeEntry&,
                                                      JudgedEntry)>& take);
  // Observes a place at a commit; indexes it unless a later commit will.
  absl::Status See(const std::string& commit, JudgedEntry judged, bool is_last);
  // Whether something is served in its place.
  absl::StatusOr<bool> SeeGone(const std::string& commit,
                               const std::string& directory, bool is_last);
  // The statements of a commit. Of the releases that were logged, those that
  // `is_seen` says will be seen are left alone.
  absl::Status TakeStatements(
      const TrustStep& step, const std::vector<ReleaseRevision>& revisions,
      const std::function<bool(const std::string& directory)>& is_seen);
  absl::Status Put(IndexEntry entry, std::vector<PackedContent> contents);
  // What no plan changes, against what the log says.
  absl::Status SeeIndexed(const std::string& commit, const IndexEntry& entry,
                          IndexStore& store);

  const Place place_;
  StatementIntake* const statements_;
  SourceObserver& observer_;
  IndexUpdate& update_;
  // Contents that came with what is not indexed, and may be of use to others.
  std::set<signing::Digest> elsewhere_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SOURCE_INTAKE_H_
