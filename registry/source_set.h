#ifndef REGISTRY_SOURCE_SET_H_
#define REGISTRY_SOURCE_SET_H_

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/source.h"
#include "registry/index/index_store.h"
#include "registry/index/published_index.h"
#include "registry/log/registry_log.h"
#include "registry/registry_options.h"
#include "registry/source/indexing_slots.h"
#include "registry/source/repository_access.h"
#include "registry/source/source_follower.h"
#include "registry/source/source_scheduler.h"
#include "registry/source/source_status.h"
#include "registry/store/state_store.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// What is said of a source that comes, beside the source itself.
struct AddSourceOptions {
  // Stores the source without looking at the remote.
  bool skip_check = false;
};
struct AddedSource {
  Source source;
  // What the operator should know.
  std::vector<std::string> warnings;
};

// The sources of a registry: their followers, when each is looked at, and the
// index that they publish. Thread-safe.
class SourceSet {
 public:
  // `state_store` and `log` must outlive the set, and what `give_way` needs, as
  // in SourceFollower::Options. Errors as Registry::Open; kDataLoss when the
  // index is damaged. Sources show `notice` until they have synced.
  static absl::StatusOr<std::unique_ptr<SourceSet>> Open(
      const RegistryOptions& options, StateStore* state_store, RegistryLog* log,
      const std::function<void()>& give_way, const std::string& notice);
  // Begins to look at the sources.
  void Start();
  // Returns when no look runs any more; later ones fail with kCancelled.
  void Stop();

  PublishedIndex& published() { return published_; }

  // Looks whether the remote answers and has the ref (10 s), resolves an empty
  // ref to the remote's HEAD, stores the source and has it indexed soon.
  // kAlreadyExists; kInvalidArgument; kPermissionDenied for a local one when
  // these are not allowed; kFailedPrecondition and kUnavailable when the remote
  // does not do.
  absl::StatusOr<AddedSource> Add(Source source,
                                  const AddSourceOptions& options);
  // kNotFound as Find.
  absl::Status Remove(const std::string& name);
  // By priority and name.
  std::vector<SourceStatus> List();
  // Those with releases of their own that came and were never read whole since:
  // what names they have nobody knows.
  absl::StatusOr<std::vector<Source>> Unread();
  // kNotFound with reason SOURCE_NOT_FOUND and the nearest names.
  absl::StatusOr<std::shared_ptr<SourceFollower>> Find(absl::string_view name);
  // Has the clone of a source cared for when no look waits for it.
  void TendSoon(const std::string& name);
  // Runs a look at a source, and has those that wait for others looked at again
  // when it changed what is served.
  absl::Status Look(const std::string& name,
                    const std::function<absl::Status()>& look);
  // Has all sources of the remote looked at soon: one listing does for them
  // all.
  void Hint(const std::string& remote);

 private:
  using Followers = std::map<std::string, std::shared_ptr<SourceFollower>>;

  SourceSet(const RegistryOptions& options, StateStore* state_store,
            std::unique_ptr<IndexStore> store, RegistryLog* log,
            std::function<void()> give_way);

  absl::StatusOr<std::vector<StoredSource>> ReadStoredSources();
  absl::Status Load(const std::string& notice);
  // Has sources looked at again that wait for such a change, but for the named
  // one.
  void NoteChange(SourceFollower::Change change, const std::string& name);
  // The same when the names of this registry have changed.
  void LookAtNames();
  SourceScheduler::Turn Poll(const std::string& name);
  SourceScheduler::Turn Tend(const std::string& name);
  std::vector<std::shared_ptr<SourceFollower>> AllFollowers();
  std::vector<Source> Sources();
  std::shared_ptr<SourceFollower> NewFollower(Source source);
  // Whether what the source is an overlay of can be one's base.
  absl::Status CheckBase(const Source& source);
  absl::Status LogAdded(const Source& source);

  const RegistryOptions options_;
  const std::function<void()> give_way_;
  StateStore& state_store_;
  RegistryLog& log_;
  const std::shared_ptr<IndexStore> store_;
  RepositoryAccess access_;
  PublishedIndex published_;
  IndexingSlots indexing_{IndexingSlots::Limits()};
  std::stop_source stop_;
  // Held while a source comes or goes: its name stands for one source only in
  // state, schedule and index.
  Mutex change_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  Mutex mutex_;
  Followers followers_ ABSL_GUARDED_BY(mutex_);
  // The file `names` as it was seen last.
  std::string names_ ABSL_GUARDED_BY(mutex_);
  SourceScheduler scheduler_;
  // Cares for clones after looks, so that no look waits for what others left.
  SourceScheduler tending_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SET_H_
