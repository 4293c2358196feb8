#include "registry/source_follower.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "registry/git/git_remote.h"
#include "registry/index/snapshot.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/tree_judge.h"
#include "registry/log/source_observer.h"
#include "registry/log/source_record.h"
#include "registry/source_intake.h"
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

// Why a look has to end between two steps, or OK.
Interruption InterruptionOf(absl::Time deadline, std::stop_token stop) {
  return [deadline, stop = std::move(stop)]() -> absl::Status {
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
                   const std::optional<std::string>& missing_folder) {
  if (contents.releases > 0 || contents.overlays > 0) return "";
  if (missing_folder.has_value()) return *missing_folder;
  if (contents.legacy_releases > 0) {
    return absl::StrCat("legacy layout, ", contents.legacy_releases,
                        " releases not served");
  }
  if (!contents.refused.empty()) return "every release is refused";
  if (!contents.overlay_of.empty()) {
    return "repo/packages adds nothing to releases";
  }
  return "repo/packages holds no releases";
}

PublishedIndex::SourceFacts FactsOf(const Source& source) {
  return {source.name, source.url, source.priority, PackagesPath(source.subdir),
          source.overlay_of};
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

// Whether it says that git brought what cannot be read or is beyond the limits
// (git.object).
bool IsOfObjects(const absl::Status& status) {
  const std::string reason = ReasonOf(status).reason;
  return absl::IsDataLoss(status) || reason == "REMOTE_DAMAGED" ||
         (absl::IsResourceExhausted(status) && reason != "DISK_FULL");
}

// Damage of the log is no fault of the repository.
absl::Status OfLog(const absl::Status& status) {
  if (!absl::IsDataLoss(status)) return status;
  return absl::InternalError(
      absl::StrCat("the log is damaged (", status.message(),
                   "); restore log.db and keys/ together from a backup"));
}

}  // namespace

std::string OriginOf(const Source& source) {
  return absl::StrCat(source.url, "\n", source.ref, "\n", source.subdir, "\n",
                      source.priority, source.overlay_of.empty() ? "" : "\n",
                      source.overlay_of);
}

SourceFollower::SourceFollower(Source source, const Options& options,
                               RepositoryAccess* access, IndexStore* store,
                               PublishedIndex* published, RegistryLog* log,
                               StateStore* state_store)
    : name_(source.name),
      options_(options),
      access_(*access),
      store_(*store),
      published_(*published),
      log_(*log),
      state_store_(*state_store),
      source_(std::move(source)),
      looks_begun_(absl::ToUnixMicros(options_.now())),
      schedule_(name_, options.poll_interval) {
  const MutexLock lock(&mutex_);
  stored_.name = name_;
  stored_.origin = OriginOf(source_);
  stored_.state = static_cast<int>(SyncState::kSyncing);
}

Source SourceFollower::source() const {
  const MutexLock lock(&mutex_);
  return source_;
}

absl::Time SourceFollower::next_attempt() const {
  const MutexLock lock(&mutex_);
  return schedule_.next();
}

bool SourceFollower::doubtful() const {
  const MutexLock lock(&mutex_);
  const auto state = static_cast<SyncState>(stored_.state);
  return slow_ || state == SyncState::kFailed || state == SyncState::kSyncing;
}

SourceStatus SourceFollower::Status() const {
  SourceStatus status;
  status.contents = Contents();
  const MutexLock lock(&mutex_);
  status.source = source_;
  status.state =
      running_ ? SyncState::kSyncing : static_cast<SyncState>(stored_.state);
  if (!error_.empty()) status.error = error_;
  status.statements = DecodeReports(stored_.reports);
  status.rejudged = rejudged_;
  status.sync_time = sync_time_;
  status.last_success_time = last_success_time_.has_value()
                                 ? last_success_time_
                                 : stored_.last_success_time;
  status.last_change_time = stored_.last_change_time;
  const auto looked = static_cast<SyncState>(stored_.state);
  if (looked != SyncState::kOk && looked != SyncState::kSyncing) {
    status.stalled_since = status.last_success_time;
    if (!status.stalled_since) status.stalled_since = stored_.failing_since;
  }
  if (schedule_.next() > absl::InfinitePast()) {
    status.next_attempt_time = schedule_.next();
  }
  if (!stored_.remote_commit.empty()) {
    status.remote_commit = stored_.remote_commit;
  }
  return status;
}

void SourceFollower::Announce(const std::string& notice) {
  const MutexLock lock(&mutex_);
  error_ = notice;
}

absl::Status SourceFollower::Restore(const StoredSource& stored) {
  const Source source = this->source();
  const absl::Time now = options_.now();
  {
    const MutexLock lock(&mutex_);
    stored_ = stored;
    error_ = stored.error;
    // What other rules judged is judged again at once.
    const bool is_judged =
        stored.commit.empty() || stored.rules_version == kRulesVersion;
    if (stored.state == static_cast<int>(SyncState::kFailed) &&
        stored.failing_since.has_value() && is_judged) {
      schedule_.Resume(*stored.failing_since,
                       stored.paused_until.value_or(absl::InfinitePast()), now);
    }
  }
  if (stored.paused_until.has_value() && *stored.paused_until > now) {
    access_.LeaveAlone(source, stored.error,
                       std::min(*stored.paused_until - now, kRetryLaterPause));
  }
  return published_.Load(FactsOf(source), stored.commit);
}

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
      InterruptionOf(request.deadline, stop_.get_token());
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

std::shared_ptr<const SourceContents> SourceFollower::Contents() const {
  const SnapshotPtr snapshot = published_.snapshot();
  for (const auto& contents : snapshot->sources()) {
    if (contents->name == name_) return contents;
  }
  return nullptr;
}

absl::Status SourceFollower::Sync(const SyncRequest& request) {
  SyncRequest whole = request;
  {
    const MutexLock lock(&mutex_);
    schedule_.ForgetFailures();
    whole.retries_statements = !stored_.reports.empty();
  }
  return SyncAs(whole, {.seen_since = absl::Now(), .insist = true});
}

absl::Time SourceFollower::Poll() {
  Freshness freshness;
  {
    const MutexLock lock(&mutex_);
    // Somebody may have asked for a sync meanwhile.
    if (schedule_.next() > options_.now()) return schedule_.next();
    freshness.seen_since = schedule_.SeenSince(absl::Now());
  }
  // What went wrong is kept; the status says it.
  SyncAs({}, freshness).IgnoreError();
  return next_attempt();
}

absl::Time SourceFollower::Hint() {
  const MutexLock lock(&mutex_);
  return schedule_.Hint(options_.now(), absl::Now());
}

int64_t SourceFollower::NextLook() const {
  const MutexLock lock(&mutex_);
  return looks_begun_ + 1;
}

bool SourceFollower::HasEnded(int64_t look) const {
  const MutexLock lock(&mutex_);
  return look <= looks_ended_;
}

absl::Status SourceFollower::SyncAs(const SyncRequest& request,
                                    const Freshness& freshness) {
  Source source;
  {
    const MutexLock lock(&mutex_);
    while (running_ && !stop_.stop_requested()) {
      if (request.deadline == absl::InfiniteFuture()) {
        idle_.wait(mutex_);
      } else if (idle_.wait_until(mutex_,
                                  absl::ToChronoTime(request.deadline)) ==
                     std::cv_status::timeout &&
                 running_) {
        return absl::DeadlineExceededError(absl::StrCat(
            "source \"", name_, "\": another sync is still under way"));
      }
    }
    if (stop_.stop_requested()) {
      return absl::CancelledError(
          absl::StrCat("source \"", name_, "\": syncs are stopped"));
    }
    running_ = true;
    ++looks_begun_;
    schedule_.Begin();
    source = source_;
  }
  SyncRequest bounded = request;
  bounded.deadline =
      std::min(request.deadline, absl::Now() + options_.time_limit);
  const absl::Time began = absl::Now();
  Look look = LookAtRemote(source, bounded, freshness);
  if (!absl::IsCancelled(look.status)) {
    options_.observer(name_, absl::Now() - began, look.status.ok());
  }
  if (!look.status.ok()) {
    if (RefusedBy(look.status).empty() && IsOfObjects(look.status)) {
      look.status = WithPrefix("git.object: ", look.status);
    }
    Finish(look);
    return WithPrefix(absl::StrCat("source \"", name_, "\": "), look.status);
  }
  Finish(look);
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
  for (int attempt = 0; attempt < 3; ++attempt) {
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
    look.status = TakeIn(source, *followed, request, &look);
    if (look.large) store_.FreeMemory();
    followed->repository = nullptr;
    if (!absl::IsDataLoss(look.status)) return look;
    if (attempt == 1 && !access_.Discard(source)) return look;
  }
  return look;
}

absl::Status SourceFollower::TakeIn(const Source& source,
                                    const FollowedCommit& followed,
                                    const SyncRequest& request, Look* look) {
  const Interruption ended =
      InterruptionOf(request.deadline, stop_.get_token());
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
  ORRERY_RETURN_IF_ERROR(OfLog(log_.LogSource(record)));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<ObjectId> commits,
                          CommitsToTake(known, followed, interrupted));
  for (const ObjectId& commit : commits) {
    absl::Status taken =
        TakeCommit(known, followed, commit, request, interrupted, look);
    // A fault of a commit on the way, which the tip may not have any more.
    if (absl::IsDataLoss(taken) && commit != followed.commit) continue;
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
  {
    const MutexLock lock(&mutex_);
    indexed.commit = stored_.commit;
    indexed.packages_tree = stored_.packages_tree;
    indexed.trust_tree = stored_.trust_tree;
    indexed.retries_statements = request.retries_statements;
    const auto state = static_cast<SyncState>(stored_.state);
    // Without a commit everything is compared, and what has no id is read.
    if (stored_.packages_tree == kUnreadTree) {
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
  // A fault of a commit on the way, which the tip may not have any more.
  if (is_walk && absl::IsDataLoss(taken)) {
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
  if (contents != nullptr) look->notice = Notice(*contents, missing);
  return absl::OkStatus();
}

absl::Status SourceFollower::CarryOut(const SyncPlan& plan,
                                      const Source& source,
                                      const FollowedCommit& followed,
                                      const IndexedSource& index, bool as_walk,
                                      const Interruption& interrupted) {
  IndexUpdate update(&store_, name_, PackagesPath(source.subdir));
  SourceObserver observer(
      &log_,
      {name_, PackagesPath(source.subdir), RoleOf(source), source.mode,
       source.admission},
      [this, base = source.overlay_of](const ReleaseKey& key) {
        return VersionIn(*published_.snapshot(), base, key);
      });
  // Maintainers publish in base sources, and a retired one has nothing to say.
  std::optional<StatementIntake> statements;
  if (source.overlay_of.empty() &&
      source.admission != signing::Admission::kNone) {
    statements.emplace(
        StatementIntake::Place{followed.repository.get(),
                               source.subdir,
                               {name_, RoleOf(source)},
                               options_.limits.tree,
                               interrupted},
        KeysetAdmission{
            source.admitted_keysets, options_.read_names(),
            [this](const std::string& package) { return Elsewhere(package); }},
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
  // The log is the last word on what is served: the index is written beside it
  // and not committed before it. What a crash keeps from the index is compared
  // with the log by the next look.
  absl::Status logged;
  std::jthread logging(
      [&] { logged = OfLog(observer.Commit(plan.commit.Hex())); });
  return Store(plan,
               statements.has_value() ? statements->Reports()
                                      : std::vector<StatementReport>(),
               std::move(update), source, [&logging, &logged] {
                 logging.join();
                 return logged;
               });
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
                      package,
                      " (it is looked at again at the next commit, or "
                      "by `orrery source sync ",
                      name_, "`)");
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

absl::Status SourceFollower::AcceptTip(const std::string& tip) {
  ORRERY_ASSIGN_OR_RETURN(const std::string logged, log_.ReadMarkOf(name_));
  return Record([&](Source& source) {
    source.accepted_tip = tip;
    source.accepted_over = logged;
  });
}

absl::Status SourceFollower::AdmitKeyset(const std::string& package) {
  std::string statement;
  std::vector<std::string> held;
  {
    const MutexLock lock(&mutex_);
    for (const StatementReport& report : DecodeReports(stored_.reports)) {
      if (report.code != RefusalName(signing::RefusalCode::kNameHeld)) continue;
      held.push_back(report.package);
      if (report.package == package) statement = report.statement;
    }
  }
  if (statement.empty()) {
    return WithReason(absl::NotFoundError(absl::StrCat(
                          "source \"", name_, "\" holds no keyset of ", package,
                          held.empty() ? "" : "; it holds those of ",
                          absl::StrJoin(held, ", "))),
                      "KEYSET_NOT_HELD",
                      {{"source", name_}, {"package", package}});
  }
  return Record(
      [&](Source& source) { source.admitted_keysets[package] = statement; });
}

absl::Status SourceFollower::Record(
    const std::function<void(Source&)>& change) {
  const std::string key = absl::StrCat("sources/", name_);
  const absl::StatusOr<StateEntry> entry = state_store_.Get(key);
  if (absl::IsNotFound(entry.status())) {
    return absl::CancelledError("the source was removed");
  }
  ORRERY_RETURN_IF_ERROR(entry.status());
  // Of what is stored, which somebody may have changed meanwhile.
  ORRERY_ASSIGN_OR_RETURN(Source source, DecodeSource(entry->value));
  change(source);
  ORRERY_RETURN_IF_ERROR(
      state_store_.Commit({{key, EncodeSource(source), entry->revision}})
          .status());
  const MutexLock lock(&mutex_);
  change(source_);
  return absl::OkStatus();
}

void SourceFollower::Finish(const Look& look) {
  const MutexLock lock(&mutex_);
  const absl::Time now = options_.now();
  StoredSource next = stored_;
  const bool cancelled = absl::IsCancelled(look.status);
  const std::string reason = ReasonOf(look.status).reason;
  auto outcome = LookSchedule::Outcome::kNeither;
  if (look.status.ok()) {
    outcome = LookSchedule::Outcome::kSuccess;
    last_success_time_ = now;
    next.state = static_cast<int>(SyncState::kOk);
    next.failing_since.reset();
    next.paused_until.reset();
    error_ = look.notice;
  } else if (!cancelled) {
    const bool held = reason == "SOURCE_HELD";
    const bool frozen = reason == "SOURCE_FROZEN";
    // From then on the schedule follows, without a write at each failure.
    if (!next.failing_since.has_value()) next.failing_since = now;
    if (!held && !frozen) {
      outcome = reason == "RETRY_LATER" ? LookSchedule::Outcome::kRetryLater
                                        : LookSchedule::Outcome::kFailure;
      if (reason == "RETRY_LATER") next.paused_until = now + kRetryLaterPause;
    }
    next.state = static_cast<int>(held     ? SyncState::kHeld
                                  : frozen ? SyncState::kFrozen
                                           : SyncState::kFailed);
    const std::string refused = RefusedBy(look.status);
    error_ = absl::StrCat(refused, refused.empty() ? "" : ": ",
                          look.status.message());
  }
  // Its seconds differ each time, which is not worth a write.
  if (next.state != stored_.state || look.status.ok()) next.error = error_;
  if (!look.remote_commit.empty()) next.remote_commit = look.remote_commit;
  if (next != stored_ && !cancelled) {
    // A full disk must not hide what happened; it is tried again next time.
    if (last_success_time_.has_value()) {
      next.last_success_time = last_success_time_;
    }
    store_
        .Write([&next](SqliteDatabase& database) {
          return PutSource(database, next);
        })
        .IgnoreError();
    stored_ = next;
  }
  if (!cancelled) {
    sync_time_ = now;
    slow_ = look.slow;
  }
  schedule_.End(outcome, now);
  running_ = false;
  looks_ended_ = looks_begun_;
  idle_.notify_all();
}

void SourceFollower::Cancel() {
  stop_.request_stop();
  // Nobody is between looking at the token and waiting.
  const MutexLock lock(&mutex_);
  idle_.notify_all();
}

void SourceFollower::WaitUntilIdle() {
  const MutexLock lock(&mutex_);
  while (running_) idle_.wait(mutex_);
}

absl::Status SourceFollower::Retire() {
  Cancel();
  WaitUntilIdle();
  return published_.Remove(name_);
}

}  // namespace orrery::registry
