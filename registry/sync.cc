#include "registry/sync.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/error_details.h"
#include "registry/format/release_path.h"
#include "third_party/absl/mutex.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kJudgeThreads = 2;
// Fewer are judged before a thread has started.
constexpr size_t kMinParallel = 16;
// Folders in which a misplaced repo/packages is looked for.
constexpr size_t kMaxGuesses = 100;
constexpr uint64_t kMaxGuessBytes = uint64_t{1} << 20;

// Collects what happens on the way from one commit to another.
class PlanBuilder {
 public:
  PlanBuilder(const GitRepository* repository, const Source& source,
              const IndexedState& indexed, const SyncLimits& limits,
              const Interruption* interrupted)
      : repository_(*repository),
        packages_path_(PackagesPath(source.subdir)),
        indexed_(indexed),
        limits_(limits),
        interrupted_(*interrupted) {}

  // Places that the steps found to differ.
  size_t changes() const { return changes_; }

  absl::StatusOr<std::optional<ObjectId>> PackagesTree(
      const CommitFacts& commit) const {
    return FindTree(repository_, commit.tree, packages_path_, limits_.tree);
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
    std::erase_if(revisions_, [this](const ReleaseRevision& revision) {
      const IndexEntry* known = indexed_.index->Find(revision.directory);
      return known != nullptr && known->id == *revision.tree;
    });
    for (const auto& [directory, entry] : indexed_.index->entries()) {
      if (final_.contains(directory)) continue;
      const bool release = !entry->release->name.empty();
      PackageTreeChange gone;
      gone.before = {directory, release ? 3 : 0, entry->mode, entry->id};
      Take(gone, id, commit);
    }
    return absl::OkStatus();
  }

  SyncPlan Finish(const ObjectId& commit,
                  const std::optional<ObjectId>& packages_tree) {
    SyncPlan plan;
    plan.commit = commit;
    plan.packages_tree = packages_tree;
    for (auto& [path, place] : final_) {
      const IndexEntry* known = indexed_.index->Find(path);
      if (!place.has_value()) {
        if (known == nullptr) continue;
        if (known->verdict == Verdict::kServed) ++plan.removed;
        plan.erase.push_back(path);
      } else if (known == nullptr || known->id != place->id ||
                 known->mode != place->mode) {
        plan.judge.push_back(*std::move(place));
      }
    }
    plan.revisions = std::move(revisions_);
    return plan;
  }

 private:
  void Take(const PackageTreeChange& change, const ObjectId& id,
            const CommitFacts& commit) {
    const PackageTreeEntry& place =
        change.after.has_value() ? *change.after : *change.before;
    if (place.depth == 3 && place.mode == kTreeMode) {
      ReleaseRevision& revision = revisions_.emplace_back();
      revision.directory = place.path;
      if (change.after.has_value()) revision.tree = place.id;
      revision.commit = id.Hex();
      revision.time = commit.time;
    }
    final_[place.path] = change.after;
  }

  const GitRepository& repository_;
  const std::string packages_path_;
  const IndexedState& indexed_;
  const SyncLimits limits_;
  const Interruption& interrupted_;
  size_t changes_ = 0;
  std::map<std::string, std::optional<PackageTreeEntry>> final_;
  std::vector<ReleaseRevision> revisions_;
};

struct Commit {
  ObjectId id;
  CommitFacts facts;
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
  std::optional<ObjectId> before;
  if (!indexed.packages_tree.empty()) {
    ORRERY_ASSIGN_OR_RETURN(before, ObjectId::ParseHex(indexed.packages_tree));
  }
  for (const Commit& commit : *way) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> after,
                            builder.PackagesTree(commit.facts));
    ORRERY_RETURN_IF_ERROR(
        builder.Step(commit.id, commit.facts, before, after));
    if (builder.changes() > limits.max_changes) return false;
    before = after;
  }
  return true;
}

// About what an entry takes in memory with all its parts.
uint64_t MemoryOf(const IndexEntry& entry) {
  constexpr uint64_t kEntry = 700;
  constexpr uint64_t kFile = 150;
  constexpr uint64_t kFinding = 250;
  uint64_t bytes = kEntry + kFile * entry.release->files.size();
  for (const Finding& finding : entry.release->findings) {
    bytes += kFinding + finding.text.size();
  }
  return bytes;
}

// What judging may still cost: a few objects can stand in very many places.
// Thread-safe.
class JudgingBudget {
 public:
  explicit JudgingBudget(const SyncLimits& limits) : limits_(limits) {}

  absl::Status Take(absl::string_view path, const JudgedEntry& judged) {
    if (!judged.entry.has_value()) return absl::OkStatus();
    uint64_t bytes = 0;
    for (const ReleaseContent& file : judged.entry->release->files) {
      if (file.digest.has_value()) bytes += file.size;
    }
    if ((read_ += bytes) > limits_.max_read_bytes) {
      return Exhausted(path, "the files of the releases",
                       limits_.max_read_bytes);
    }
    if ((kept_ += MemoryOf(*judged.entry)) > limits_.max_index_bytes) {
      return Exhausted(path, "what is kept of the releases",
                       limits_.max_index_bytes);
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Exhausted(absl::string_view path, absl::string_view what,
                                uint64_t limit) {
    return AtPlace(path, absl::ResourceExhaustedError(absl::StrCat(
                             "with this, ", what, " would take more than ",
                             limit, " bytes")));
  }

  const SyncLimits& limits_;
  std::atomic<uint64_t> read_ = 0;
  std::atomic<uint64_t> kept_ = 0;
};

JudgedChanges Collect(const SyncPlan& plan, std::vector<JudgedEntry> judged) {
  JudgedChanges changes;
  for (size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].entry.has_value()) {
      changes.entries.push_back(
          std::make_shared<const IndexEntry>(*std::move(judged[i].entry)));
    } else {
      changes.empty.push_back(plan.judge[i].path);
    }
    std::move(judged[i].contents.begin(), judged[i].contents.end(),
              std::back_inserter(changes.contents));
  }
  return changes;
}

}  // namespace

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
      return walk.Finish(commit, tree);
    }
  }
  // The tip alone decides what is served: faults of commits before it, which
  // may be mended there, are not its own.
  ORRERY_RETURN_IF_ERROR(interrupted());
  PlanBuilder whole(&repository, source, indexed, limits, &interrupted);
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> tree,
                          whole.PackagesTree(tip.facts));
  ORRERY_RETURN_IF_ERROR(whole.Replace(commit, tip.facts, tree));
  return whole.Finish(commit, tree);
}

absl::Status CheckRemovals(const SyncPlan& plan, const SourceIndex& index,
                           const SyncLimits& limits) {
  const double allowed =
      limits.removal_share * static_cast<double>(index.served());
  if (plan.removed < limits.min_removals ||
      static_cast<double>(plan.removed) <= allowed) {
    return absl::OkStatus();
  }
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "commit ", plan.commit.Hex(), " removes ", plan.removed, " of ",
          index.served(),
          " releases; the index before it is served until the removal is "
          "accepted with --accept-removals")),
      "SOURCE_HELD",
      {{"removed", absl::StrCat(plan.removed)},
       {"releases", absl::StrCat(index.served())},
       {"commit", plan.commit.Hex()}});
}

absl::StatusOr<JudgedChanges> JudgeChanges(const std::string& path,
                                           const GitRepository& repository,
                                           const SyncPlan& plan,
                                           absl::string_view source,
                                           const SyncLimits& limits,
                                           const Interruption& interrupted) {
  std::vector<JudgedEntry> judged(plan.judge.size());
  std::atomic<size_t> next = 0;
  ContentClaims claims;
  JudgingBudget budget(limits);
  Mutex fault_mutex;
  absl::Status fault;

  const auto work = [&](const GitRepository& opened) {
    ContentPacker packer;
    for (size_t i = next++; i < judged.size(); i = next++) {
      const PackageTreeEntry& place = plan.judge[i];
      absl::Status done = interrupted();
      if (done.ok()) {
        absl::StatusOr<JudgedEntry> entry =
            JudgeTreeEntry(opened, place, source, claims, packer);
        done = entry.ok() ? budget.Take(place.path, *entry) : entry.status();
        if (done.ok()) judged[i] = *std::move(entry);
      }
      if (done.ok()) continue;
      const MutexLock lock(&fault_mutex);
      fault.Update(done);
      next = judged.size();
    }
  };
  std::vector<std::jthread> threads;
  if (judged.size() >= kMinParallel) {
    for (size_t i = 1; i < kJudgeThreads; ++i) {
      threads.emplace_back([&] {
        const auto opened = GitRepository::Open(path);
        // What this thread cannot do the first one does.
        if (opened.ok()) work(**opened);
      });
    }
  }
  work(repository);
  threads.clear();
  ORRERY_RETURN_IF_ERROR(fault);
  return Collect(plan, std::move(judged));
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
