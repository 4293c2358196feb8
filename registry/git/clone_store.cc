#include "registry/git/clone_store.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "registry/git/clone_directory.h"
#include "registry/status/error_details.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

namespace fs = std::filesystem;

// More packs make reading slow.
constexpr int kMaxPacks = 24;
// How far the packs may outgrow what is needed of them: fetches bring objects
// twice, and rewritten refs leave theirs behind.
constexpr double kMaxGrowth = 1.5;
constexpr uint64_t kMinGrowthBytes = uint64_t{64} << 10;
// How soon a wait for somebody else's turn notices that it is to end.
constexpr absl::Duration kStopInterval = absl::Milliseconds(100);

// Sources that may not see the same share nothing.
std::string CloneName(const Source& source) {
  const SourceFiles& files = source.files;
  const std::string identity =
      absl::StrCat(source.url, "\n", files.token, "\n", files.ssh_key, "\n",
                   files.known_hosts, "\n", files.certificate_authorities);
  return signing::Digest::Of(identity).Hex().substr(0, 32);
}

}  // namespace

struct CloneStore::Clone {
  std::string path;
  Mutex mutex;
  Condition idle;
  bool busy ABSL_GUARDED_BY(mutex) = false;
  // Full names of the refs that sources follow.
  std::set<std::string> followed ABSL_GUARDED_BY(mutex);
  // For whoever is busy: what the last listing came to, also when it failed.
  absl::StatusOr<RefList> listing = absl::UnknownError("never listed");
  absl::Time listing_began = absl::InfinitePast();
  // Readers of what was fetched.
  std::atomic<int> readers = 0;
};

// The right to be busy with a clone.
class CloneStore::Turn {
 public:
  static absl::StatusOr<Turn> Take(std::shared_ptr<Clone> clone,
                                   const AccessLimits& limits) {
    {
      const MutexLock lock(&clone->mutex);
      while (clone->busy) {
        if (limits.stop.stop_requested()) {
          return absl::CancelledError("stopped");
        }
        const absl::Time now = absl::Now();
        if (now >= limits.deadline) {
          return absl::UnavailableError(
              "another look at the same remote is still under way");
        }
        clone->idle.wait_until(
            clone->mutex,
            absl::ToChronoTime(std::min(limits.deadline, now + kStopInterval)));
      }
      clone->busy = true;
    }
    return Turn(std::move(clone));
  }

  Turn(Turn&& other) noexcept = default;
  Turn& operator=(Turn&& other) = delete;
  ~Turn() {
    if (clone_ == nullptr) return;
    const MutexLock lock(&clone_->mutex);
    clone_->busy = false;
    clone_->idle.notify_one();
  }

  Clone& clone() const { return *clone_; }

 private:
  explicit Turn(std::shared_ptr<Clone> clone) : clone_(std::move(clone)) {}

  std::shared_ptr<Clone> clone_;
};

CloneStore::CloneStore(Options options) : options_(std::move(options)) {}

CloneStore::~CloneStore() = default;

std::shared_ptr<CloneStore::Clone> CloneStore::Get(const Source& source) {
  const std::string name = CloneName(source);
  const MutexLock lock(&mutex_);
  std::shared_ptr<Clone>& clone = clones_[name];
  if (clone == nullptr) {
    clone = std::make_shared<Clone>();
    clone->path = absl::StrCat(options_.state_dir, "/clones/", name);
  }
  return clone;
}

GitRemote CloneStore::RemoteOf(const Source& source,
                               const SourceUrl& url) const {
  return GitRemote(
      {options_.git_program, options_.state_dir, options_.stall_limit}, url,
      source.files);
}

absl::StatusOr<RefList> CloneStore::ListInTurn(Clone& clone,
                                               const GitRemote& remote,
                                               absl::Time seen_since,
                                               const AccessLimits& limits) {
  if (clone.listing_began >= seen_since) return clone.listing;
  const absl::Time began = absl::Now();
  absl::StatusOr<RefList> listing = remote.List(limits);
  // What ended for the asker's own reasons says nothing of the remote.
  if (!limits.stop.stop_requested() && absl::Now() < limits.deadline) {
    clone.listing = listing;
    clone.listing_began = began;
  }
  return listing;
}

absl::Status CloneStore::FetchInTurn(Clone& clone, const GitRemote& remote,
                                     const RefList& list,
                                     const std::string& ref,
                                     const AccessLimits& limits) {
  std::set<std::string> refs;
  {
    const MutexLock lock(&clone.mutex);
    clone.followed.insert(ref);
    refs = clone.followed;
  }
  std::erase_if(refs, [&list](const std::string& name) {
    return !list.refs.contains(name);
  });
  std::error_code error;
  if (!IsClone(clone.path)) fs::remove_all(clone.path, error);
  const bool existed = IsClone(clone.path);
  if (existed) TidyClone(clone.path, refs);
  absl::Status fetched = remote.Fetch(clone.path, refs, limits);
  if (existed && ReasonOf(fetched).reason == "CLONE_DAMAGED") {
    fs::remove_all(clone.path, error);
    fetched = remote.Fetch(clone.path, refs, limits);
  }
  // Something may be wrong with one of them that is nothing to the others.
  if (refs.size() > 1 && ReasonOf(fetched).reason == "FETCH_FAILED") {
    fetched = remote.Fetch(clone.path, {ref}, limits);
  }
  return fetched;
}

absl::StatusOr<RefList> CloneStore::List(const Source& source,
                                         const SourceUrl& url,
                                         const AccessLimits& limits) {
  const absl::Time seen_since = std::min(limits.seen_since, absl::Now());
  const GitRemote remote = RemoteOf(source, url);
  ORRERY_ASSIGN_OR_RETURN(const Turn turn, Turn::Take(Get(source), limits));
  return ListInTurn(turn.clone(), remote, seen_since, limits);
}

absl::StatusOr<FollowedCommit> CloneStore::Follow(const Source& source,
                                                  const SourceUrl& url,
                                                  const AccessLimits& limits) {
  const absl::Time seen_since = std::min(limits.seen_since, absl::Now());
  const GitRemote remote = RemoteOf(source, url);
  const std::shared_ptr<Clone> clone = Get(source);
  ORRERY_ASSIGN_OR_RETURN(const Turn turn, Turn::Take(clone, limits));
  ORRERY_ASSIGN_OR_RETURN(const RefList list,
                          ListInTurn(*clone, remote, seen_since, limits));
  FollowedCommit followed;
  followed.path = clone->path;
  followed.ref = source.ref;
  if (source.ref == "HEAD") {
    ORRERY_ASSIGN_OR_RETURN(followed.ref, ChooseRef(list, ""));
  }
  const auto tip = list.refs.find(followed.ref);
  if (tip == list.refs.end()) return RefGone(list, followed.ref);

  // Two tries: the first may find the clone damaged.
  absl::Status fault;
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto repository = GitRepository::Open(clone->path);
    auto commit = repository.ok() ? (*repository)->ResolveRef(followed.ref)
                                  : repository.status();
    if (!commit.ok() || *commit != tip->second) {
      ORRERY_RETURN_IF_ERROR(
          FetchInTurn(*clone, remote, list, followed.ref, limits));
      repository = GitRepository::Open(clone->path);
      commit = repository.ok() ? (*repository)->ResolveRef(followed.ref)
                               : repository.status();
    }
    fault = commit.status();
    if (commit.ok()) {
      followed.repository = *std::move(repository);
      followed.commit = *commit;
      ++clone->readers;
      followed.lease =
          std::shared_ptr<void>(nullptr, [clone](void*) { --clone->readers; });
      return followed;
    }
    std::error_code error;
    fs::remove_all(clone->path, error);
  }
  return fault;
}

void CloneStore::Discard(const Source& source) {
  const absl::StatusOr<Turn> turn = Turn::Take(Get(source), AccessLimits());
  if (!turn.ok()) return;
  std::error_code error;
  fs::remove_all(turn->clone().path, error);
}

void CloneStore::Tend(const Source& source, const SourceUrl& url,
                      const AccessLimits& limits) {
  const std::shared_ptr<Clone> clone = Get(source);
  const absl::StatusOr<Turn> turn = Turn::Take(clone, limits);
  if (!turn.ok() || clone->readers > 0 || !IsClone(clone->path)) return;
  const PackUsage usage = UsageOf(clone->path);
  std::optional<uint64_t> noted = NotedBytes(clone->path);
  if (!noted.has_value() && usage.packs <= 1) {
    NoteBytes(clone->path, usage.bytes);
    return;
  }
  const double most = kMaxGrowth * static_cast<double>(noted.value_or(0)) +
                      static_cast<double>(kMinGrowthBytes);
  const bool grown = static_cast<double>(usage.bytes) > most;
  if (!grown && usage.packs <= kMaxPacks) return;
  {
    const MutexLock lock(&clone->mutex);
    TidyClone(clone->path, clone->followed);
  }
  const GitRemote remote = RemoteOf(source, url);
  const absl::Status repacked = remote.Repack(
      clone->path, grown ? GitRemote::Packs::kAll : GitRemote::Packs::kSmall,
      limits);
  if (ReasonOf(repacked).reason == "CLONE_DAMAGED") {
    std::error_code error;
    fs::remove_all(clone->path, error);
  } else if (grown && !absl::IsCancelled(repacked)) {
    // Also when it failed: it is not tried again before it has grown more.
    NoteBytes(clone->path, UsageOf(clone->path).bytes);
  }
}

void CloneStore::KeepOnly(const std::vector<Source>& sources) {
  // By the name of the clone.
  std::map<std::string, std::set<std::string>> kept;
  for (const Source& source : sources) {
    kept[CloneName(source)].insert(source.ref);
  }
  {
    const MutexLock lock(&mutex_);
    std::erase_if(clones_, [&kept](const auto& clone) {
      return !kept.contains(clone.first);
    });
  }
  for (const Source& source : sources) {
    const std::shared_ptr<Clone> clone = Get(source);
    const MutexLock lock(&clone->mutex);
    clone->followed = kept[CloneName(source)];
  }
  std::error_code error;
  std::vector<fs::path> unused;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(options_.state_dir + "/clones", error)) {
    if (!kept.contains(entry.path().filename().string()))
      unused.push_back(entry.path());
  }
  for (const fs::path& path : unused) fs::remove_all(path, error);
}

}  // namespace orrery::registry
