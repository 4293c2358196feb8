#ifndef REGISTRY_SOURCE_SOURCE_FOLLOWER_H_
#define REGISTRY_SOURCE_SOURCE_FOLLOWER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "registry/git/source.h"
#include "registry/index/index_store.h"
#include "registry/index/indexed_source.h"
#include "registry/index/published_index.h"
#include "registry/log/registry_log.h"
#include "registry/source/indexing_slots.h"
#include "registry/source/look_schedule.h"
#include "registry/source/repository_access.h"
#include "registry/source/source_status.h"
#include "registry/source/statement_intake.h"
#include "registry/source/sync.h"
#include "registry/store/state_store.h"
#include "signing/policy/names.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// URL, ref, folder, priority and base: an index that was made with others is of
// no use.
std::string OriginOf(const Source& source);

// Told at the end of every look: the source, how long it took, whether it went
// well. Called from the thread that looked.
using SyncObserver = std::function<void(absl::string_view source,
                                        absl::Duration duration, bool ok)>;

// One source: what it is, how its last look went, and the look itself.
// Thread-safe.
class SourceFollower {
 public:
  struct Options {
    absl::Duration poll_interval = absl::Minutes(5);
    // Of one look, however slowly the remote goes on.
    absl::Duration time_limit = absl::Hours(1);
    std::function<absl::Time()> now = absl::Now;
    SyncLimits limits;
    // Not null; must outlive the follower.
    IndexingSlots* indexing = nullptr;
    SyncObserver observer = [](absl::string_view, absl::Duration, bool) {};
    // As ReadNames.
    std::function<absl::StatusOr<std::optional<signing::Names>>()> read_names =
        [] { return std::nullopt; };
    // Called between small steps of a look, which lets others go before it.
    std::function<void()> give_way = [] {};
    // Told when the stored index turns out to be damaged.
    std::function<void()> on_index_damage = [] {};
  };
  struct SyncRequest {
    bool accept_removals = false;
    absl::Time deadline = absl::InfiniteFuture();
    // Whether statements that wait are looked at again though no commit is new.
    bool retries_statements = false;
    // Whether what the names of this registry kept out is looked at again.
    bool names_changed = false;
  };
  enum class Change : uint8_t { kOtherSources, kNames };

  // What is pointed to must outlive this.
  SourceFollower(Source source, const Options& options,
                 RepositoryAccess* access, IndexStore* store,
                 PublishedIndex* published, RegistryLog* log,
                 StateStore* state_store);

  const std::string& name() const { return name_; }
  Source source() const;
  SourceStatus Status() const;
  absl::Time next_attempt() const;
  // Whether its next look may well take long: the remote answered neither at
  // the last one nor yet at all, or reading took long then.
  bool doubtful() const;

  // Shows `notice` as the source's error until it has synced. Before Restore.
  void Announce(const std::string& notice);
  // Takes the stored index in, without showing it.
  absl::Status Restore(const StoredSource& stored);
  // Looks at the remote now, after a look that is under way, and returns when
  // its tip is served; asks the remote even when it wants to be left alone.
  // kFailedPrecondition with reason SOURCE_HELD when the tip must be confirmed,
  // and SOURCE_FROZEN when it does not descend from what was taken in;
  // kDeadlineExceeded; kCancelled; else why it failed.
  absl::Status Sync(const SyncRequest& request);
  // From now on a history that was rewritten counts from `tip`, a commit, on.
  // kCancelled when the source was removed meanwhile.
  absl::Status AcceptTip(const std::string& tip);
  // Lets the keyset in that is held for the package, at the next look, which
  // Sync begins. kNotFound with reason KEYSET_NOT_HELD; kCancelled as above.
  absl::Status AdmitKeyset(const std::string& package);
  // The same when a look is due; what another source of the same remote has
  // just seen is good enough for it. Says when the next one is due.
  absl::Time Poll();
  // The remote is said to have changed: forgets failures, and says when a look
  // is due: a moment later, so that one look answers many hints.
  absl::Time Hint();
  // Something has changed that statements, or what was kept out, may depend on:
  // the next look judges them again. Says when it is due when any does.
  std::optional<absl::Time> NoteChange(Change change);
  // Looks are numbered, higher after a restart, too. The one that begins next,
  // and whether all up to a number have ended.
  int64_t NextLook() const;
  bool HasEnded(int64_t look) const;
  // Ends what runs; later looks fail with kCancelled.
  void Cancel();
  // Returns when no look runs. Requires: Cancel was called.
  void WaitUntilIdle();
  // Ends what runs and waits for it, then takes the source's releases out of
  // the index, for good.
  absl::Status Retire();

 private:
  // What a look may take from others that look at the same remote.
  struct Freshness {
    absl::Time seen_since;
    // See AccessLimits.
    bool insist = false;
  };
  // What a look found out, whether it went well or not.
  struct Look {
    // Whether a commit on the way to the tip that cannot be read is left out,
    // because the tip may not have any more what is wrong there.
    bool skips_unreadable = false;
    absl::Status status;
    std::string remote_commit;
    // Why the index is empty.
    std::string notice;
    // Whether it took much memory.
    bool large = false;
    // Whether reading took so long that others had to be let in.
    bool slow = false;
  };

  static PublishedIndex::SourceFacts FactsOf(const Source& source);
  // What is served of it; null when nothing is.
  std::shared_ptr<const SourceContents> Contents() const;
  // Whether some of it may have been kept out by the names of this registry.
  bool WaitsForNames() const;
  // Stores the source with a change. kCancelled when it was removed meanwhile.
  absl::Status Record(const std::function<void(Source&)>& change);
  absl::Status SyncAs(const SyncRequest& request, const Freshness& freshness);
  void Finish(const Look& look);

  // The rest is one look, in source_look.cc.

  // Judges the stored releases again, from what is stored, when rules or limits
  // have changed since.
  absl::Status Rejudge(const SyncRequest& request);
  Look LookAtRemote(const Source& source, const SyncRequest& request,
                    const Freshness& freshness);
  absl::Status TakeIn(const Source& source, const FollowedCommit& followed,
                      const SyncRequest& request, Look* look);
  // With a place for it.
  absl::Status TakeInHeld(const Source& source, const FollowedCommit& followed,
                          const SyncRequest& request,
                          const Interruption& interrupted, Look* look);
  // Reads, logs and indexes what a plan names.
  absl::Status CarryOut(const SyncPlan& plan, const Source& source,
                        const FollowedCommit& followed,
                        const IndexedSource& index, bool as_walk,
                        const Interruption& interrupted);
  // Writes the index, and commits it when `is_logged` says that the log has it.
  absl::Status Store(const SyncPlan& plan,
                     const std::vector<StatementReport>& reports,
                     IndexUpdate update, const Source& source,
                     const std::function<absl::Status()>& is_logged);
  // Whether that is what the last look stored.
  bool IsStored(const SyncPlan& plan,
                const std::vector<StatementReport>& reports) const;
  // Which other base source has the package or may have it; see
  // KeysetAdmission.
  absl::StatusOr<std::string> Elsewhere(const std::string& package);
  // Of statements, as the last look told.
  std::vector<StatementReport> ReportsBefore(bool as_walk) const;
  absl::Status ForgetDamaged();
  // The commits to take in, the last of which is the followed one.
  // kFailedPrecondition with reason SOURCE_FROZEN when history was rewritten.
  absl::StatusOr<std::vector<ObjectId>> CommitsToTake(
      const Source& source, const FollowedCommit& followed,
      const Interruption& interrupted);
  // Whether the index stands at the commit that was logged last, and agrees
  // with the log.
  bool IsEvenWith(absl::string_view logged) const;
  absl::Status TakeCommit(const Source& source, const FollowedCommit& followed,
                          const ObjectId& commit, const SyncRequest& request,
                          const Interruption& interrupted, Look* look);

  const std::string name_;
  const Options options_;
  RepositoryAccess& access_;
  IndexStore& store_;
  PublishedIndex& published_;
  RegistryLog& log_;
  StateStore& state_store_;
  std::stop_source stop_;

  mutable Mutex mutex_;
  Condition idle_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  Source source_ ABSL_GUARDED_BY(mutex_);
  // As it is in the store.
  StoredSource stored_ ABSL_GUARDED_BY(mutex_);
  // Since the start.
  int64_t rejudged_ ABSL_GUARDED_BY(mutex_) = 0;
  // Whether the log must be compared with all that is indexed.
  bool relog_ ABSL_GUARDED_BY(mutex_) = false;
  // Not stored: they move with every look. The error is also stored when it
  // comes or goes.
  std::string error_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Time> sync_time_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Time> last_success_time_ ABSL_GUARDED_BY(mutex_);
  bool slow_ ABSL_GUARDED_BY(mutex_) = false;
  // Changes that were noted, and those that a look has answered. Nobody knows
  // what changed before the start.
  int64_t changes_noted_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t changes_answered_ ABSL_GUARDED_BY(mutex_) = 0;
  // The same of those of names alone.
  int64_t name_changes_noted_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t name_changes_answered_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t looks_begun_ ABSL_GUARDED_BY(mutex_);
  int64_t looks_ended_ ABSL_GUARDED_BY(mutex_) = 0;
  LookSchedule schedule_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SOURCE_FOLLOWER_H_
