#include "registry/source/sync.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/file_mode.h"
#include "registry/format/release_path.h"
#include "registry/index/sqlite_database.h"
#include "registry/judge/trust_tree.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Folders in which a misplaced repo/packages is looked for.
constexpr size_t kMaxGuesses = 100;
constexpr uint64_t kMaxGuessBytes = uint64_t{1} << 20;
// Commits among which an ancestor is looked for.
constexpr size_t kMaxAncestors = 1'000'000;

struct Commit {
  ObjectId id;
  CommitFacts facts;
};

// Of the hex text that is stored; nothing of an empty one.
absl::StatusOr<std::optional<ObjectId>> StoredTree(const std::string& hex) {
  if (hex.empty()) return std::nullopt;
  ORRERY_ASSIGN_OR_RETURN(const ObjectId id, ObjectId::ParseHex(hex));
  return id;
}

// Collects what happens on the way from one commit to another.
class PlanBuilder {
 public:
  PlanBuilder(const GitRepository* repository, const Source& source,
              const IndexedState& indexed, const SyncLimits& limits,
              const Interruption* interrupted)
      : repository_(*repository),
        packages_path_(PackagesPath(source.subdir)),
        trust_path_(TrustPath(source.subdir)),
        indexed_(indexed),
        limits_(limits),
        interrupted_(*interrupted) {}

  // Places that the steps found to differ.
  size_t changes() const { return changes_; }

  absl::StatusOr<std::optional<ObjectId>> PackagesTree(
      const CommitFacts& commit) const {
    return FindTree(repository_, commit.tree, packages_path_, limits_.tree);
  }
  absl::StatusOr<std::optional<ObjectId>> TrustTree(
      const CommitFacts& commit) const {
    return FindTree(repository_, commit.tree, trust_path_, limits_.tree);
  }
  size_t revisions() const { return revisions_.size(); }

  // What was found of a commit whose revisions came last.
  void AddTrust(TrustStep step) {
    step.end_revision = revisions_.size();
    if (step.before == step.after && step.first_revision == step.end_revision &&
        !step.is_whole) {
      return;
    }
    trust_.push_back(std::move(step));
  }

  // Takes in one commit after the ones before.
  absl::Status Step(const ObjectId& id, const CommitFacts& commit,
                    const std::optional<ObjectId>& before,
                    const std::optional<ObjectId>& after) {
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<PackageTreeChange> changes,
        DiffPackageTrees(repository_, packages_path_, before, after,
                         limits_.tree, interrupted_));
    changes_ += changes.size();
    for (const PackageTreeChange& change : changes) Take(change, id, commit);
    return absl::OkStatus();
  }

  // Takes in a whole tree against the index, without the tree it was made from.
  absl::Status Replace(const ObjectId& id, const CommitFacts& commit,
                       const std::optional<ObjectId>& after) {
    ORRERY_RETURN_IF_ERROR(Step(id, commit, std::nullopt, after));
    std::set<std::string> unchanged;
    ORRERY_RETURN_IF_ERROR(indexed_.index->Visit(
        [&](absl::string_view directory, const IndexedPlace& known) {
          const auto found = final_.find(directory);
          if (found == final_.end()) {
            PackageTreeChange gone;
            gone.before = {std::string(directory), DepthOf(directory),
                           known.mode, known.id};
            Take(gone, id, commit);
          } else if (found->second.has_value() &&
                     found->second->id == known.id) {
            unchanged.emplace(directory);
          }
          return absl::OkStatus();
        }));
    std::erase_if(revisions_, [&](const ReleaseRevision& revision) {
      return unchanged.contains(revision.directory);
    });
    return absl::OkStatus();
  }

  absl::StatusOr<SyncPlan> Finish(
      const Commit& commit, const std::optional<ObjectId>& packages_tree) {
    SyncPlan plan;
    plan.commit = commit.id;
    plan.root = commit.facts.tree;
    plan.packages_tree = packages_tree;
    ORRERY_ASSIGN_OR_RETURN(plan.trust_tree, TrustTree(commit.facts));
    plan.judge.reserve(final_.size());
    while (!final_.empty()) {
      auto node = final_.extract(final_.begin());
      std::string& path = node.key();
      const std::optional<Place>& place = node.mapped();
      ORRERY_ASSIGN_OR_RETURN(const std::optional<IndexedPlace> known,
                              indexed_.index->Find(path));
      if (!place.has_value()) {
        if (!known.has_value()) continue;
        const bool is_served =
            known->verdict == Verdict::kServed && known->mode != kGoneMode;
        if (is_served) ++plan.removed;
        plan.erase.push_back(std::move(path));
      } else if (!known.has_value() || known->id != place->id ||
                 known->mode != place->mode) {
        plan.judge.push_back(
            {std::move(path), place->depth, place->mode, place->id});
      }
    }
    plan.revisions = std::move(revisions_);
    plan.trust = std::move(trust_);
    return plan;
  }

 private:
  // A PackageTreeEntry without its path.
  struct Place {
    int depth;
    uint32_t mode;
    ObjectId id;
  };

  void Take(const PackageTreeChange& change, const ObjectId& id,
            const CommitFacts& commit) {
    const PackageTreeEntry& place =
        change.after.has_value() ? *change.after : *change.before;
    const bool is_tree =
        change.after.has_value() && change.after->mode == kTreeMode;
    const bool was_tree =
        change.before.has_value() && change.before->mode == kTreeMode;
    if (place.depth == 3 && (is_tree || was_tree)) {
      ReleaseRevision& revision = revisions_.emplace_back();
      revision.directory = place.path;
      if (is_tree) revision.tree = place.id;
      revision.commit = id;
      revision.time = commit.time;
    }
    std::optional<Place>& last = final_[place.path];
    last.reset();
    if (change.after.has_value()) last = {place.depth, place.mode, place.id};
  }

  // Of a place that only the index knows.
  int DepthOf(absl::string_view directory) const {
    return static_cast<int>(std::count(
        directory.begin() + static_cast<int64_t>(packages_path_.size()),
        directory.end(), '/'));
  }

  const GitRepository& repository_;
  const std::string packages_path_;
  const std::string trust_path_;
  const IndexedState& indexed_;
  const SyncLimits limits_;
  const Interruption& interrupted_;
  size_t changes_ = 0;
  std::map<std::string, std::optional<Place>, std::less<>> final_;
  std::vector<ReleaseRevision> revisions_;
  std::vector<TrustStep> trust_;
};

// The first-parent commits after `from` up to `to`, oldest first; nothing when
// they do not lead to `from`.
absl::StatusOr<std::optional<std::vector<Commit>>> FirstParents(
    const GitRepository& repository, const ObjectId& from, const Commit& to,
    size_t max_commits, const Interruption& interrupted) {
  std::vector<Commit> way;
  Commit commit = to;
  while (commit.id != from) {
    ORRERY_RETURN_IF_ERROR(interrupted());
    way.push_back(commit);
    if (!commit.facts.first_parent.has_value() || way.size() > max_commits) {
      return std::nullopt;
    }
    commit.id = *commit.facts.first_parent;
    const absl::StatusOr<CommitFacts> facts = repository.ReadCommit(commit.id);
    // A shallow repository ends here.
    if (absl::IsDataLoss(facts.status())) return std::nullopt;
    ORRERY_RETURN_IF_ERROR(facts.status());
    commit.facts = *facts;
  }
  std::reverse(way.begin(), way.end());
  return way;
}

// The way from the indexed commit to `tip`, one commit at a time. False when
// there is none, or too much happens on it.
absl::StatusOr<bool> PlanWalk(const GitRepository& repository,
                              const IndexedState& indexed, const Commit& tip,
                              const SyncLimits& limits,
                              const Interruption& interrupted,
                              PlanBuilder& builder) {
  ORRERY_ASSIGN_OR_RETURN(const ObjectId from,
                          ObjectId::ParseHex(indexed.commit));
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<std::vector<Commit>> way,
      FirstParents(repository, from, tip, limits.max_commits, interrupted));
  if (!way.has_value()) return false;
  ORRERY_ASSIGN_OR_RETURN(std::optional<ObjectId> before,
                          StoredTree(indexed.packages_tree));
  ORRERY_ASSIGN_OR_RETURN(std::optional<ObjectId> trust,
                          StoredTree(indexed.trust_tree));
  for (const Commit& commit : *way) {
    TrustStep step;
    step.commit = commit.id;
    step.root = commit.facts.tree;
    step.before = trust;
    step.first_revision = builder.revisions();
    ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> after,
                            builder.PackagesTree(commit.facts));
    ORRERY_RETURN_IF_ERROR(
        builder.Step(commit.id, commit.facts, before, after));
    if (builder.changes() > limits.max_changes) return false;
    ORRERY_ASSIGN_OR_RETURN(step.after, builder.TrustTree(commit.facts));
    trust = step.after;
    builder.AddTrust(std::move(step));
    before = after;
  }
  if (indexed.retries_statements) {
    builder.AddTrust({.commit = tip.id,
                      .root = tip.facts.tree,
                      .before = trust,
                      .after = trust,
                      .is_whole = true,
                      .first_revision = builder.revisions()});
  }
  return true;
}

}  // namespace

bool IsUnreadable(const absl::Status& status) {
  return absl::IsDataLoss(status) &&
         ReasonOf(status).reason != kDatabaseDamaged;
}

absl::StatusOr<bool> DescendsFrom(const GitRepository& repository,
                                  const ObjectId& commit,
                                  const ObjectId& ancestor,
                                  const Interruption& interrupted) {
  std::set<ObjectId> known = {commit};
  // The first parents first: they lead there nearly always.
  std::deque<ObjectId> next = {commit};
  while (!next.empty()) {
    const ObjectId id = next.front();
    next.pop_front();
    if (id == ancestor) return true;
    ORRERY_RETURN_IF_ERROR(interrupted());
    if (known.size() > kMaxAncestors) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "commit ", commit.Hex(), " has more than ", kMaxAncestors,
          " ancestors to look for ", ancestor.Hex(), " among"));
    }
    ORRERY_ASSIGN_OR_RETURN(const CommitFacts facts, repository.ReadCommit(id));
    if (facts.first_parent.has_value() &&
        known.insert(*facts.first_parent).second) {
      next.push_front(*facts.first_parent);
    }
    for (const ObjectId& parent : facts.other_parents) {
      if (known.insert(parent).second) next.push_back(parent);
    }
  }
  return false;
}

absl::StatusOr<SyncPlan> PlanSync(const GitRepository& repository,
                                  const Source& source,
                                  const IndexedState& indexed,
                                  const ObjectId& commit,
                                  const SyncLimits& limits,
                                  const Interruption& interrupted) {
  Commit tip{commit, {}};
  ORRERY_ASSIGN_OR_RETURN(tip.facts, repository.ReadCommit(commit));
  if (!indexed.commit.empty()) {
    PlanBuilder walk(&repository, source, indexed, limits, &interrupted);
    const absl::StatusOr<bool> walked =
        PlanWalk(repository, indexed, tip, limits, interrupted, walk);
    if (walked.ok() && *walked) {
      ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> tree,
                              walk.PackagesTree(tip.facts));
      absl::StatusOr<SyncPlan> plan = walk.Finish(tip, tree);
      if (plan.ok()) plan->is_walk = true;
      return plan;
    }
  }
  // The tip alone decides what is served: faults of commits before it, which
  // may be mended there, are not its own.
  ORRERY_RETURN_IF_ERROR(interrupted());
  PlanBuilder whole(&repository, source, indexed, limits, &interrupted);
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> tree,
                          whole.PackagesTree(tip.facts));
  ORRERY_RETURN_IF_ERROR(whole.Replace(commit, tip.facts, tree));
  return whole.Finish(tip, tree);
}

absl::Status CheckRemovals(const SyncPlan& plan, const IndexedSource& index,
                           const SyncLimits& limits) {
  const double allowed =
      limits.removal_share * static_cast<double>(index.releases());
  if (plan.removed < limits.min_removals ||
      static_cast<double>(plan.removed) <= allowed) {
    return absl::OkStatus();
  }
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "commit ", plan.commit.Hex(), " removes ", plan.removed, " of ",
          index.releases(),
          " releases; the index before it is served until the removal is "
          "accepted with --accept-removals")),
      "SOURCE_HELD",
      {{"removed", absl::StrCat(plan.removed)},
       {"releases", absl::StrCat(index.releases())},
       {"commit", plan.commit.Hex()}});
}

absl::StatusOr<std::optional<std::string>> ExplainMissingFolder(
    const GitRepository& repository, const ObjectId& commit,
    absl::string_view subdir, const TreeLimits& limits) {
  ORRERY_ASSIGN_OR_RETURN(const CommitFacts facts,
                          repository.ReadCommit(commit));
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<ObjectId> there,
      FindTree(repository, facts.tree, PackagesPath(subdir), limits));
  if (there.has_value()) return std::nullopt;
  // Only a hint: what is too large or cannot be read gives none.
  TreeLimits small = limits;
  small.max_way_bytes = kMaxGuessBytes;
  std::vector<std::string> folders = {""};
  const absl::StatusOr<std::vector<TreeEntry>> root =
      repository.ReadTree(facts.tree, kMaxGuessBytes);
  for (const TreeEntry& entry : root.value_or(std::vector<TreeEntry>())) {
    if (entry.mode == kTreeMode && folders.size() < kMaxGuesses) {
      folders.push_back(entry.name);
    }
  }
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    const absl::StatusOr<std::optional<ObjectId>> tree =
        FindTree(repository, facts.tree, PackagesPath(folder), small);
    if (tree.ok() && tree->has_value()) {
      found.push_back(folder.empty() ? "." : PrintablePath(folder));
    }
  }
  return absl::StrCat(
      "no repo/packages under ", subdir.empty() ? "." : PrintablePath(subdir),
      found.empty()
          ? ""
          : absl::StrCat("; found it under ", absl::StrJoin(found, ", ")));
}

}  // namespace orrery::registry
