#include "registry/source/source_follower.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/release_check.h"
#include "registry/git/git_remote.h"
#include "registry/index/snapshot.h"
#include "registry/judge/package_tree.h"
#include "registry/log/log_store.h"
#include "registry/log/source_observer.h"
#include "registry/source/look_priority.h"
#include "registry/source/sync.h"
#include "registry/status/error_details.h"
#include "registry/status/refusal_details.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Whether it says that git brought what cannot be read or is beyond the limits
// (git.object).
bool IsOfObjects(const absl::Status& status) {
  const std::string reason = ReasonOf(status).reason;
  return IsUnreadable(status) || reason == "REMOTE_DAMAGED" ||
         (absl::IsResourceExhausted(status) && reason != "DISK_FULL");
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

PublishedIndex::SourceFacts SourceFollower::FactsOf(const Source& source) {
  return {source.name, source.url, source.priority, PackagesPath(source.subdir),
          source.overlay_of};
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

bool SourceFollower::WaitsForNames() const {
  const std::shared_ptr<const SourceContents> contents = Contents();
  return contents != nullptr && (contents->refused_places > kMaxRefusedPlaces ||
                                 WaitForNames(contents->refused));
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

std::optional<absl::Time> SourceFollower::NoteChange(Change change) {
  const bool is_kept_out = change == Change::kNames && WaitsForNames();
  const MutexLock lock(&mutex_);
  ++changes_noted_;
  if (change == Change::kNames) ++name_changes_noted_;
  const bool is_well = static_cast<SyncState>(stored_.state) == SyncState::kOk;
  const bool depends =
      is_kept_out || DependOnOthers(DecodeReports(stored_.reports));
  if (!is_well || !depends) return std::nullopt;
  return schedule_.Hint(options_.now(), absl::Now());
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
  SyncRequest bounded = request;
  int64_t changes = 0;
  int64_t name_changes = 0;
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
    changes = changes_noted_;
    name_changes = name_changes_noted_;
    if (changes != changes_answered_ && !stored_.reports.empty()) {
      bounded.retries_statements = true;
    }
    bounded.names_changed = name_changes != name_changes_answered_;
  }
  bounded.deadline =
      std::min(request.deadline, absl::Now() + options_.time_limit);
  const absl::Time began = absl::Now();
  Look look;
  std::jthread([&] {
    YieldToReaders();
    look = LookAtRemote(source, bounded, freshness);
  }).join();
  if (!absl::IsCancelled(look.status)) {
    options_.observer(name_, absl::Now() - began, look.status.ok());
  }
  if (!look.status.ok()) {
    look.status = AsLogDamage(look.status);
    if (RefusedBy(look.status).empty() && IsOfObjects(look.status)) {
      look.status = WithPrefix("git.object: ", look.status);
    }
    Finish(look);
    return WithPrefix(absl::StrCat("source \"", name_, "\": "), look.status);
  }
  Finish(look);
  const MutexLock lock(&mutex_);
  changes_answered_ = changes;
  name_changes_answered_ = name_changes;
  return absl::OkStatus();
}

absl::Status SourceFollower::AcceptTip(const std::string& tip) {
  const absl::StatusOr<std::string> logged = log_.ReadMarkOf(name_);
  if (!logged.ok()) return AsLogDamage(logged.status());
  return Record([&](Source& source) {
    source.accepted_tip = tip;
    source.accepted_over = *logged;
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
