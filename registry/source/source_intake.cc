#include "registry/source/source_intake.h"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "registry/format/file_mode.h"
#include "registry/format/release_directory.h"
#include "registry/judge/content_packer.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

PackageTreeEntry PlaceOf(const ReleaseRevision& revision) {
  return {revision.directory, 3, kTreeMode, *revision.tree};
}

}  // namespace

absl::Status SourceIntake::Judge(
    const std::vector<PackageTreeEntry>& places,
    const std::function<absl::Status(const PackageTreeEntry&, JudgedEntry)>&
        take) {
  return JudgePlaces(place_.path, *place_.repository, places, place_.source,
                     place_.limits, place_.interrupted, take);
}

absl::Status SourceIntake::TakeStatements(
    const TrustStep& step, const std::vector<ReleaseRevision>& revisions,
    const std::function<bool(const std::string& directory)>& is_seen) {
  if (statements_ == nullptr) return absl::OkStatus();
  std::set<std::string> touched;
  for (size_t i = step.first_revision; i < step.end_revision; ++i) {
    const ReleaseDirectory parsed =
        ParseReleaseDirectory(revisions[i].directory);
    if (parsed.key.has_value()) touched.insert(parsed.key->name);
  }
  ORRERY_ASSIGN_OR_RETURN(std::vector<SignedRelease> released,
                          statements_->Take(step, touched));
  for (SignedRelease& release : released) {
    if (is_seen(release.directory)) continue;
    ORRERY_RETURN_IF_ERROR(
        See(step.commit.Hex(), std::move(release.judged), /*is_last=*/true));
  }
  return absl::OkStatus();
}

absl::Status SourceIntake::TakeWalk(const SyncPlan& plan) {
  std::vector<PackageTreeEntry> places;
  std::map<std::string, size_t> last;
  for (size_t i = 0; i < plan.revisions.size(); ++i) {
    const ReleaseRevision& revision = plan.revisions[i];
    last[revision.directory] = i;
    if (revision.tree.has_value()) places.push_back(PlaceOf(revision));
  }
  size_t next = 0;
  size_t step = 0;
  // Of each commit before its release directories.
  const auto take_statements = [&]() -> absl::Status {
    for (; step < plan.trust.size() && plan.trust[step].first_revision <= next;
         ++step) {
      const size_t first = plan.trust[step].first_revision;
      ORRERY_RETURN_IF_ERROR(TakeStatements(
          plan.trust[step], plan.revisions, [&](const std::string& directory) {
            const auto found = last.find(directory);
            return found != last.end() && found->second >= first;
          }));
    }
    return absl::OkStatus();
  };
  std::set<std::string> kept;
  const auto take_gone = [&]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(take_statements());
    while (next < plan.revisions.size() &&
           !plan.revisions[next].tree.has_value()) {
      const ReleaseRevision& revision = plan.revisions[next];
      ORRERY_ASSIGN_OR_RETURN(const bool is_kept,
                              SeeGone(revision.commit.Hex(), revision.directory,
                                      last[revision.directory] == next));
      if (is_kept) kept.insert(revision.directory);
      ++next;
      ORRERY_RETURN_IF_ERROR(take_statements());
    }
    return absl::OkStatus();
  };
  ORRERY_RETURN_IF_ERROR(
      Judge(places, [&](const PackageTreeEntry&, JudgedEntry judged) {
        absl::Status taken = take_gone();
        if (!taken.ok()) return taken;
        const ReleaseRevision& revision = plan.revisions[next];
        taken = See(revision.commit.Hex(), std::move(judged),
                    last[revision.directory] == next);
        ++next;
        return taken;
      }));
  ORRERY_RETURN_IF_ERROR(take_gone());
  for (const std::string& directory : plan.erase) {
    if (!kept.contains(directory)) {
      ORRERY_RETURN_IF_ERROR(update_.Erase(directory));
    }
  }
  // What is no release directory is no matter of the log.
  std::vector<PackageTreeEntry> others;
  for (const PackageTreeEntry& place : plan.judge) {
    if (place.depth != 3 || place.mode != kTreeMode) others.push_back(place);
  }
  return Judge(others, [&](const PackageTreeEntry& place, JudgedEntry judged) {
    if (!judged.entry.has_value()) return update_.Erase(place.path);
    return update_.Put(*std::move(judged.entry), std::move(judged.contents));
  });
}

absl::Status SourceIntake::TakeTip(const SyncPlan& plan,
                                   const IndexedSource& index,
                                   IndexStore& store) {
  const std::string commit = plan.commit.Hex();
  std::set<std::string> changed(plan.erase.begin(), plan.erase.end());
  for (const PackageTreeEntry& place : plan.judge) changed.insert(place.path);
  ORRERY_RETURN_IF_ERROR(
      TakeStatements({.commit = plan.commit,
                      .root = plan.root,
                      .after = plan.trust_tree,
                      .is_whole = true},
                     {}, [&](const std::string& directory) {
                       return !changed.insert(directory).second;
                     }));
  for (const std::string& directory : plan.erase) {
    ORRERY_ASSIGN_OR_RETURN(const bool is_kept,
                            SeeGone(commit, directory, /*is_last=*/true));
    if (!is_kept) ORRERY_RETURN_IF_ERROR(update_.Erase(directory));
  }
  ORRERY_RETURN_IF_ERROR(
      Judge(plan.judge, [&](const PackageTreeEntry& place, JudgedEntry judged) {
        if (!judged.entry.has_value()) return update_.Erase(place.path);
        return See(commit, std::move(judged), /*is_last=*/true);
      }));
  std::vector<std::string> unchanged;
  ORRERY_RETURN_IF_ERROR(
      index.Visit([&](absl::string_view directory, const IndexedPlace&) {
        if (!changed.contains(std::string(directory))) {
          unchanged.emplace_back(directory);
        }
        return absl::OkStatus();
      }));
  for (const std::string& directory : unchanged) {
    ORRERY_RETURN_IF_ERROR(place_.interrupted());
    ORRERY_ASSIGN_OR_RETURN(const IndexEntry entry, index.Read(directory));
    ORRERY_RETURN_IF_ERROR(SeeIndexed(commit, entry, store));
  }
  ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> kept,
                          observer_.SeeOnly(commit));
  for (IndexEntry& entry : kept) {
    ORRERY_RETURN_IF_ERROR(Put(std::move(entry), {}));
  }
  return absl::OkStatus();
}

absl::Status SourceIntake::SeeIndexed(const std::string& commit,
                                      const IndexEntry& entry,
                                      IndexStore& store) {
  if (entry.release->name.empty() || entry.mode != kTreeMode) {
    return absl::OkStatus();
  }
  if (entry.kept) {
    return observer_.Keep({entry.release->name, entry.release->release});
  }
  if (entry.verdict == Verdict::kServed || entry.verdict == Verdict::kOverlay) {
    ContentPacker packer;
    for (const ReleaseContent& file : entry.release->files) {
      ORRERY_ASSIGN_OR_RETURN(const bool there, observer_.Has(*file.digest));
      if (there) continue;
      ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                              store.Read(*file.digest));
      ORRERY_RETURN_IF_ERROR(
          observer_.Take({{*file.digest, bytes.size(), packer.Pack(bytes)}}));
    }
  }
  ORRERY_ASSIGN_OR_RETURN(IndexEntry seen, observer_.See(commit, entry));
  if (seen.verdict == entry.verdict && seen.kept == entry.kept) {
    return absl::OkStatus();
  }
  return Put(std::move(seen), {});
}

absl::Status SourceIntake::See(const std::string& commit, JudgedEntry judged,
                               bool is_last) {
  if (!judged.entry.has_value()) return absl::OkStatus();
  IndexEntry& entry = *judged.entry;
  if (entry.release->name.empty() || entry.mode != kTreeMode) {
    return update_.Put(std::move(entry), std::move(judged.contents));
  }
  ORRERY_RETURN_IF_ERROR(observer_.Take(judged.contents));
  ORRERY_ASSIGN_OR_RETURN(IndexEntry seen,
                          observer_.See(commit, std::move(entry)));
  if (is_last && !seen.kept) {
    return Put(std::move(seen), std::move(judged.contents));
  }
  for (const PackedContent& content : judged.contents) {
    elsewhere_.insert(content.digest);
  }
  return is_last ? Put(std::move(seen), {}) : absl::OkStatus();
}

absl::StatusOr<bool> SourceIntake::SeeGone(const std::string& commit,
                                           const std::string& directory,
                                           bool is_last) {
  const ReleaseDirectory parsed = ParseReleaseDirectory(directory);
  if (!parsed.key.has_value()) return false;
  ORRERY_ASSIGN_OR_RETURN(std::optional<IndexEntry> served,
                          observer_.SeeGone(commit, *parsed.key, directory));
  if (!served.has_value() || !is_last) return false;
  ORRERY_RETURN_IF_ERROR(Put(*std::move(served), {}));
  return true;
}

absl::Status SourceIntake::Put(IndexEntry entry,
                               std::vector<PackedContent> contents) {
  for (const ReleaseContent& file : entry.release->files) {
    if (!file.digest.has_value()) continue;
    if (!entry.kept && !elsewhere_.contains(*file.digest)) continue;
    ORRERY_ASSIGN_OR_RETURN(PackedContent content,
                            observer_.ReadPacked(*file.digest));
    contents.push_back(std::move(content));
  }
  return update_.Put(std::move(entry), std::move(contents));
}

}  // namespace orrery::registry
