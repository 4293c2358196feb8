// One look of a SourceFollower: which commits it takes in, and what becomes of
// each in log and index.

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "registry/index/snapshot.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/tree_judge.h"
#include "registry/log/log_store.h"
#include "registry/log/source_observer.h"
#include "registry/log/source_record.h"
#include "registry/source/source_follower.h"
#include "registry/source/source_intake.h"
#include "registry/status/error_details.h"
#include "registry/status/refusal_details.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// In the place of the folder of packages: some of its releases must be read
// from git again, because their bytes are not stored.
constexpr absl::string_view kUnreadTree = "unread";
// Places; what more of them took is given back to the system.
constexpr size_t kLargeChange = 10'000;
// Of a look that finds what cannot be read: again, and again with a new clone.
constexpr int kAttempts = 3;

// Why a look has to end between two steps, or OK. Lets others go before it.
Interruption InterruptionOf(absl::Time deadline, std::stop_token stop,
                            std::function<void()> give_way) {
  return [deadline, stop = std::move(stop),
          give_way = std::move(give_way)]() -> absl::Status {
    give_way();
    if (stop.stop_requested()) return absl::CancelledError("syncs are stopped");
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          "reading the repository took too long; what was served before is "
          "served on");
    }
    return absl::OkStatus();
  };
}

// The same, for who holds a place that may be taken away.
Interruption InterruptionOf(Interruption before,
                            const IndexingSlots::Slot& slot) {
  return [before = std::move(before), &slot]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(before());
    return slot.Check();
  };
}

std::string Notice(const SourceContents& contents,
                   const std::vector<StatementReport>& statements,
                   const std::optional<std::string>& missing_folder) {
  if (contents.releases > 0 || contents.overlays > 0) return "";
  if (missing_folder.has_value()) return *missing_folder;
  if (contents.legacy_releases > 0) {
    return absl::StrCat("legacy layout, ", contents.legacy_releases,
                        " releases not served");
  }
  const bool all_wait =
      std::all_of(contents.refused.begin(), contents.refused.end(),
                  [&statements](const Finding& finding) {
                    return IsWaitedFor(finding.path, statements);
                  });
  if (!contents.refused.empty()) {
    return all_wait ? "every release waits for its record"
                    : "every release is refused";
  }
  if (!contents.overlay_of.empty()) {
    return "repo/packages adds nothing to releases";
  }
  return "repo/packages holds no releases";
}

SourceRole RoleOf(const Source& source) {
  return source.overlay_of.empty() ? SourceRole::kBase : SourceRole::kOverlay;
}

// The label of a release of that source; empty when it has none.
std::string VersionIn(const Snapshot& snapshot, absl::string_view source,
                      const ReleaseKey& key) {
  const absl::StatusOr<PackagePtr> package = snapshot.FindPackage(key.name);
  if (!package.ok() || *package == nullptr) return "";
  for (const ReleasePtr& release : (*package)->releases) {
    if (release->source == source && release->release == key.release) {
      return release->version;
    }
  }
  return "";
}

}  // namespace

absl::Status SourceFollower::Rejudge(const SyncRequest& request) {
  const Source source = this->source();
  StoredSource stored;
  {
    const MutexLock lock(&mutex_);
    stored = stored_;
  }
  if (stored.commit.empty() || stored.rules_version == kRulesVersion) {
    return absl::OkStatus();
  }
  const std::shared_ptr<const SourceContents> contents = Contents();
  if (contents == nullptr) return absl::OkStatus();
  const Interruption ended =
      InterruptionOf(request.deadline, stop_.get_token(), options_.give_way);
  ORRERY_ASSIGN_OR_RETURN(const IndexingSlots::Slot slot,
                          options_.indexing->Take(doubtful(), ended));
  const Interruption interrupted = InterruptionOf(ended, slot);
  const IndexedSource indexed(&store_, contents);
  IndexUpdate update(&store_, name_, PackagesPath(source.subdir));
  int64_t rejudged = 0;
  const absl::Status judged_again = indexed.Visit(
      [&](absl::string_view directory, const IndexedPlace&) -> absl::Status {
        ORRERY_RETURN_IF_ERROR(interrupted());
        ORRERY_ASSIGN_OR_RETURN(const IndexEntry entry,
                                indexed.Read(directory));
        ORRERY_ASSIGN_OR_RETURN(
            IndexEntry judged, JudgeStoredEntry(entry, RoleOf(source), store_));
        const bool unread = judged.id == ObjectId();
        if (unread) stored.packages_tree = std::string(kUnreadTree);
        if (!unread && !judged.release->name.empty()) ++rejudged;
        return update.Put(std::move(judged), {});
      });
  if (absl::IsDataLoss(judged_again) || absl::IsNotFound(judged_again)) {
    store_.NoteDamage(contents->version.source);
    return ForgetDamaged();
  }
  ORRERY_RETURN_IF_ERROR(judged_again);
  stored.rules_version = kRulesVersion;
  ORRERY_RETURN_IF_ERROR(published_.Publish(std::move(update), FactsOf(source),
                                            stored, {},
                                            [] { return absl::OkStatus(); }));
  const MutexLock lock(&mutex_);
  stored_ = stored;
  rejudged_ = rejudged;
  relog_ = true;
  return absl::OkStatus();
}

SourceFollower::Look SourceFollower::LookAtRemote(const Source& source,
                                                  const SyncRequest& request,
                                                  const Freshness& freshness) {
  Look look;
  look.status = Rejudge(request);
  if (!look.status.ok()) return look;
  // An object that cannot be read may have been moved meanwhile, or the clone
  // is damaged.
  for (int attempt = 0;; ++attempt) {
    absl::StatusOr<FollowedCommit> followed =
        access_.Follow(source, {.deadline = request.deadline,
                                .seen_since = freshness.seen_since,
                                .insist = freshness.insist,
                                .stop = stop_.get_token()});
    if (!followed.ok()) {
      look.status = followed.status();
      return look;
    }
    look.remote_commit = followed->commit.Hex();
    look.skips_unreadable = attempt == kAttempts - 1;
    look.status = TakeIn(source, *followed, request, &look);
    if (look.large) store_.FreeMemory();
    followed->repository = nullptr;
    if (!IsUnreadable(look.status) || look.skips_unreadable) return look;
    if (attempt > 0) access_.Discard(source);
  }
}

absl::Status SourceFollower::TakeIn(const Source& source,
                                    const FollowedCommit& followed,
                                    const SyncRequest& request, Look* look) {
  const Interruption ended =
      InterruptionOf(request.deadline, stop_.get_token(), options_.give_way);
  ORRERY_ASSIGN_OR_RETURN(const IndexingSlots::Slot slot,
                          options_.indexing->Take(doubtful(), ended));
  const absl::Status taken =
      TakeInHeld(source, followed, request, InterruptionOf(ended, slot), look);
  look->slow = look->slow || slot.is_late();
  return taken;
}

absl::Status SourceFollower::TakeInHeld(const Source& source,
                                        const FollowedCommit& followed,
                                        const SyncRequest& request,
                                        const Interruption& interrupted,
                                        Look* look) {
  ORRERY_RETURN_IF_ERROR(ForgetDamaged());
  if (followed.ref != source.ref) {
    ORRERY_RETURN_IF_ERROR(
        Record([&followed](Source& changed) { changed.ref = followed.ref; }));
  }
  const Source known = this->source();
  ORRERY_ASSIGN_OR_RETURN(const signing::SourceRecord record,
                          SourceRecordOf(known));
  ORRERY_RETURN_IF_ERROR(log_.LogSource(record));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<ObjectId> commits,
                          CommitsToTake(known, followed, interrupted));
  for (const ObjectId& commit : commits) {
    absl::Status taken =
        TakeCommit(known, followed, commit, request, interrupted, look);
    if (IsUnreadable(taken) && look->skips_unreadable &&
        commit != followed.commit) {
      continue;
    }
    ORRERY_RETURN_IF_ERROR(taken);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ObjectId>> SourceFollower::CommitsToTake(
    const Source& source, const FollowedCommit& followed,
    const Interruption& interrupted) {
  ORRERY_ASSIGN_OR_RETURN(const std::string logged, log_.ReadMarkOf(name_));
  const auto descends_from =
      [&](absl::string_view ancestor) -> absl::StatusOr<bool> {
    if (ancestor.empty()) return false;
    ORRERY_ASSIGN_OR_RETURN(const ObjectId id, ObjectId::ParseHex(ancestor));
    return DescendsFrom(*followed.repository, followed.commit, id, interrupted);
  };
  ORRERY_ASSIGN_OR_RETURN(const bool goes_on, descends_from(logged));
  // Where to begin, when it is not with what is logged.
  std::string start;
  if (!source.accepted_tip.empty() && source.accepted_over == logged) {
    start = source.accepted_tip;
  } else if (logged.empty()) {
    start = source.first_commit;
  }
  if (goes_on) {
    // Where the log stands: from there on every commit is logged, whatever has
    // become of the index.
    ORRERY_ASSIGN_OR_RETURN(const ObjectId from, ObjectId::ParseHex(logged));
    if (from == followed.commit || IsEvenWith(logged)) {
      return std::vector<ObjectId>{followed.commit};
    }
    return std::vector<ObjectId>{from, followed.commit};
  }
  if (logged.empty() && start.empty()) {
    return std::vector<ObjectId>{followed.commit};
  }
  ORRERY_ASSIGN_OR_RETURN(const bool leads_here, descends_from(start));
  if (!leads_here) {
    const std::string tip = followed.commit.Hex();
    return WithRefusal(
        absl::FailedPreconditionError(absl::StrCat(
            "commit ", tip, " does not descend from ",
            logged.empty() ? start : logged,
            "; what is logged is served on, and nothing new is taken until "
            "`orrery source accept ",
            name_, " --tip ", tip, "`")),
        "SOURCE_FROZEN", signing::RefusalCode::kGitRewrite,
        {{"commit", tip}, {"accepted", logged}});
  }
  ORRERY_ASSIGN_OR_RETURN(const ObjectId first, ObjectId::ParseHex(start));
  if (first == followed.commit) return std::vector<ObjectId>{first};
  return std::vector<ObjectId>{first, followed.commit};
}

bool SourceFollower::IsEvenWith(absl::string_view logged) const {
  const MutexLock lock(&mutex_);
  return !relog_ && logged == stored_.commit;
}

absl::Status SourceFollower::TakeCommit(const Source& source,
                                        const FollowedCommit& followed,
                                        const ObjectId& commit,
                                        const SyncRequest& request,
                                        const Interruption& interrupted,
                                        Look* look) {
  ORRERY_ASSIGN_OR_RETURN(const std::string logged, log_.ReadMarkOf(name_));
  const IndexedSource index(&store_, Contents());
  IndexedState indexed;
  indexed.index = &index;
  const bool is_even = IsEvenWith(logged);
  const bool rereads = request.names_changed && WaitsForNames();
  {
    const MutexLock lock(&mutex_);
    indexed.commit = stored_.commit;
    indexed.packages_tree = stored_.packages_tree;
    indexed.trust_tree = stored_.trust_tree;
    indexed.retries_statements = request.retries_statements;
    const auto state = static_cast<SyncState>(stored_.state);
    // Without a commit everything is compared, and what has no id is read.
    if (stored_.packages_tree == kUnreadTree || rereads) {
      indexed.commit.clear();
    } else if (state == SyncState::kOk && is_even &&
               !request.retries_statements && stored_.commit == commit.Hex()) {
      look->notice = stored_.error;
      return absl::OkStatus();
    }
    if (state == SyncState::kHeld && !request.accept_removals &&
        stored_.remote_commit == look->remote_commit) {
      return WithReason(absl::FailedPreconditionError(stored_.error),
                        "SOURCE_HELD", {{"commit", look->remote_commit}});
    }
  }
  ORRERY_ASSIGN_OR_RETURN(const SyncPlan plan,
                          PlanSync(*followed.repository, source, indexed,
                                   commit, options_.limits, interrupted));
  look->large =
      look->large || plan.judge.size() + plan.erase.size() > kLargeChange;
  if (!request.accept_removals) {
    ORRERY_RETURN_IF_ERROR(CheckRemovals(plan, index, options_.limits));
  }
  const bool is_walk = plan.is_walk && is_even;
  absl::Status taken =
      CarryOut(plan, source, followed, index, is_walk, interrupted);
  if (is_walk && IsUnreadable(taken) && look->skips_unreadable) {
    taken =
        CarryOut(plan, source, followed, index, /*as_walk=*/false, interrupted);
  }
  ORRERY_RETURN_IF_ERROR(taken);
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<std::string> missing,
      ExplainMissingFolder(*followed.repository, commit, source.subdir,
                           options_.limits.tree));
  const SnapshotPtr snapshot = published_.snapshot();
  const SourceContents* contents = snapshot->FindSource(name_);
  if (contents != nullptr) {
    look->notice = Notice(*contents, ReportsBefore(/*as_walk=*/true), missing);
  }
  return absl::OkStatus();
}

absl::Status SourceFollower::CarryOut(const SyncPlan& plan,
                                      const Source& source,
                                      const FollowedCommit& followed,
                                      const IndexedSource& index, bool as_walk,
                                      const Interruption& interrupted) {
  IndexUpdate update(&store_, name_, PackagesPath(source.subdir));
  const absl::StatusOr<std::optional<signing::Names>> names =
      options_.read_names();
  SourceObserver observer(
      &log_,
      {name_, PackagesPath(source.subdir), RoleOf(source), source.mode,
       source.admission, names},
      [this, base = source.overlay_of](const ReleaseKey& key) {
        return VersionIn(*published_.snapshot(), base, key);
      });
  // Maintainers publish in base sources, and a retired one has nothing to say.
  std::optional<StatementIntake> statements;
  if (source.overlay_of.empty() &&
      source.admission != signing::Admission::kNone) {
    statements.emplace(StatementIntake::Place{followed.repository.get(),
                                              source.subdir,
                                              {name_, RoleOf(source)},
                                              options_.limits.tree,
                                              interrupted},
                       KeysetAdmission{source.admitted_keysets, names,
                                       [this](const std::string& package) {
                                         return Elsewhere(package);
                                       }},
                       ReportsBefore(as_walk), &observer);
  }
  SourceIntake intake({followed.path,
                       followed.repository.get(),
                       {name_, RoleOf(source)},
                       options_.limits.judging,
                       interrupted},
                      statements.has_value() ? &*statements : nullptr,
                      &observer, &update);
  ORRERY_RETURN_IF_ERROR(as_walk ? intake.TakeWalk(plan)
                                 : intake.TakeTip(plan, index, store_));
  std::vector<StatementReport> reports;
  if (statements.has_value()) {
    ORRERY_RETURN_IF_ERROR(statements->CheckFolder(plan.root));
    reports = statements->Reports();
  }
  // Statements that were judged again, to the same end.
  if (as_walk && update.empty() && observer.empty() &&
      IsStored(plan, reports)) {
    return absl::OkStatus();
  }
  // The log is the last word on what is served: the index is written beside it
  // and not committed before it. What a crash keeps from the index is compared
  // with the log by the next look.
  absl::Status logged;
  std::jthread logging(
      [&] { logged = AsLogDamage(observer.Commit(plan.commit.Hex())); });
  return Store(plan, reports, std::move(update), source, [&logging, &logged] {
    logging.join();
    return logged;
  });
}

bool SourceFollower::IsStored(
    const SyncPlan& plan, const std::vector<StatementReport>& reports) const {
  const MutexLock lock(&mutex_);
  return static_cast<SyncState>(stored_.state) == SyncState::kOk &&
         stored_.commit == plan.commit.Hex() &&
         stored_.reports == EncodeReports(reports);
}

absl::StatusOr<std::string> SourceFollower::Elsewhere(
    const std::string& package) {
  const SnapshotPtr snapshot = published_.snapshot();
  for (const auto& contents : snapshot->sources()) {
    if (contents->name == name_ || !contents->overlay_of.empty()) continue;
    ORRERY_ASSIGN_OR_RETURN(const PackagePtr served,
                            snapshot->FindPackageIn(contents->name, package));
    const std::string folder = absl::StrCat("/", package, "/");
    const bool is_refused =
        std::any_of(contents->refused.begin(), contents->refused.end(),
                    [&folder](const Finding& finding) {
                      return absl::StrContains(finding.path, folder);
                    });
    if (served != nullptr || is_refused) {
      return absl::StrCat("source ", contents->name, " has ", package, " too");
    }
  }
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> read,
                          log_.ReadSources());
  std::string unread;
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    for (const auto& [id, other] : log.sources) {
      const bool counts =
          id != name_ && other.is_base() &&
          other.in_force().admission != signing::Admission::kNone;
      if (counts && std::find(read.begin(), read.end(), id) == read.end()) {
        unread = id;
      }
    }
    return absl::OkStatus();
  }));
  if (unread.empty()) return "";
  return absl::StrCat("source ", unread, " was not read yet, and may have ",
                      package, " (the keyset is looked at again when it was)");
}

// What is compared as a whole is told anew.
std::vector<StatementReport> SourceFollower::ReportsBefore(bool as_walk) const {
  const MutexLock lock(&mutex_);
  return as_walk ? DecodeReports(stored_.reports)
                 : std::vector<StatementReport>();
}

absl::Status SourceFollower::Store(
    const SyncPlan& plan, const std::vector<StatementReport>& reports,
    IndexUpdate update, const Source& source,
    const std::function<absl::Status()>& is_logged) {
  StoredSource stored;
  {
    const MutexLock lock(&mutex_);
    stored = stored_;
    stored.origin = OriginOf(source_);
  }
  stored.commit = plan.commit.Hex();
  stored.packages_tree =
      plan.packages_tree.has_value() ? plan.packages_tree->Hex() : "";
  stored.trust_tree = plan.trust_tree.has_value() ? plan.trust_tree->Hex() : "";
  stored.reports = EncodeReports(reports);
  stored.rules_version = kRulesVersion;
  stored.state = static_cast<int>(SyncState::kOk);
  stored.error.clear();
  stored.failing_since.reset();
  stored.paused_until.reset();
  stored.remote_commit = stored.commit;
  stored.last_success_time = options_.now();
  if (!update.empty() || !stored.last_change_time.has_value()) {
    stored.last_change_time = options_.now();
  }
  const absl::Status published = published_.Publish(
      std::move(update), FactsOf(source), stored, plan.revisions, is_logged);
  if (absl::IsDataLoss(published)) {
    // No fault of the repository.
    options_.on_index_damage();
    return absl::InternalError(absl::StrCat(
        "the stored index is damaged (", published.message(),
        "); start orreryd again, which then reads everything from git"));
  }
  ORRERY_RETURN_IF_ERROR(published);
  const MutexLock lock(&mutex_);
  stored_ = stored;
  relog_ = false;
  return absl::OkStatus();
}

// What cannot be read back is read from git again.
absl::Status SourceFollower::ForgetDamaged() {
  const std::shared_ptr<const SourceContents> contents = Contents();
  if (contents == nullptr || !store_.IsDamaged(contents->version.source)) {
    return absl::OkStatus();
  }
  ORRERY_RETURN_IF_ERROR(published_.Remove(name_));
  const MutexLock lock(&mutex_);
  stored_.commit.clear();
  stored_.packages_tree.clear();
  stored_.trust_tree.clear();
  return absl::OkStatus();
}

}  // namespace orrery::registry
