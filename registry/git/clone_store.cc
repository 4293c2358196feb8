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
#include "registry/git/git_failure.h"
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

// Beside a clone: what is to replace it.
constexpr absl::string_view kFresh = ".new";

// Sources that may not see the same share nothing.
std::string CloneName(const Source& source) {
  const SourceFiles& files = source.files;
  const std::string identity = absl::StrCat(
      CanonicalRemote(source), "\n", files.token, "\n", files.ssh_key, "\n",
      files.known_hosts, "\n", files.certificate_authorities);
  return signing::Digest::Of(identity).Hex().substr(0, 32);
}

// Whether another ref of the remote may be the cause: not when it was not
// reached, or would not talk to us.
bool MayBeAnotherRef(const absl::Status& fetched) {
  if (fetched.ok() || absl::IsCancelled(fetched)) return false;
  const std::string reason = ReasonOf(fetched).reason;
  return reason != "REMOTE_UNREACHABLE" && reason != "REMOTE_REFUSED" &&
         reason != "NO_REPOSITORY" && reason != "NOT_SMART" &&
         reason != "RETRY_LATER";
}

// Fetches into the clone at `path`, and leaves no half-written files there.
absl::Status FetchInto(const std::string& path, const GitRemote& remote,
                       const std::set<std::string>& refs,
                       const std::set<std::string>& followed,
                       const AccessLimits& limits) {
  std::error_code error;
  if (!IsClone(path)) fs::remove_all(path, error);
  if (IsClone(path)) TidyClone(path, followed);
  absl::Status fetched = remote.Fetch(path, refs, limits);
  if (!fetched.ok() && IsClone(path)) TidyClone(path, followed);
  return fetched;
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
  // For whoever is busy: refs for whose sake a new clone was tried, in vain,
  // since they were last fetched.
  std::set<std::string> doubted;
  // Readers of what was fetched.
  std::atomic<int> readers = 0;
};

// The right to be busy with a clone.
class CloneStore::Turn {
 public:
  static absl::StatusOr<Turn> Take(std::shared_ptr<Clone> clone,
                                   const SourceUrl& url,
                                   const AccessLimits& limits) {
    const absl::Time start = absl::Now();
    {
      const MutexLock lock(&clone->mutex);
      while (clone->busy) {
        if (limits.stop.stop_requested()) {
          return absl::CancelledError("stopped");
        }
        const absl::Time now = absl::Now();
        if (now >= limits.deadline) return StillBusy(url, now - start);
        clone->idle.wait_until(
            clone->mutex,
            absl::ToChronoTime(std::min(limits.deadline, now + kStopInterval)));
      }
      clone->busy = true;
    }
    return Turn(std::move(clone));
  }

  // Nothing when somebody is busy with it.
  static std::optional<Turn> TakeIfIdle(std::shared_ptr<Clone> clone) {
    {
      const MutexLock lock(&clone->mutex);
      if (clone->busy) return std::nullopt;
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

  static absl::Status StillBusy(const SourceUrl& url, absl::Duration waited) {
    GitFailure failure;
    failure.doing = "looking at";
    failure.url = url.text;
    failure.host = url.host;
    failure.errors = "it is still under way";
    failure.duration = waited;
    return GitFailureStatus(
        failure, {"waiting for another look at the same remote",
                  "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable});
  }

  std::shared_ptr<Clone> clone_;
};

CloneStore::CloneStore(Options options) : options_(std::move(options)) {}

CloneStore::~CloneStore() = default;

std::shared_ptr<CloneStore::Clone> CloneStore::Get(const Source& source) {
  return GetNamed(CloneName(source));
}

std::shared_ptr<CloneStore::Clone> CloneStore::GetNamed(
    const std::string& name) {
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
  return GitRemote(options_, url, source.files);
}

absl::StatusOr<RefList> CloneStore::ListInTurn(Clone& clone,
                                               const GitRemote& remote,
                                               absl::Time seen_since,
                                               const AccessLimits& limits) {
  const bool left_alone =
      !limits.insist &&
      ReasonOf(clone.listing.status()).reason == "RETRY_LATER" &&
      absl::Now() < clone.listing_began + kRetryLaterPause;
  if (left_alone || clone.listing_began >= seen_since) return clone.listing;
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
  const auto bring = [&](const std::string& path) {
    absl::Status fetched = FetchInto(path, remote, refs, refs, limits);
    if (refs.size() > 1 && MayBeAnotherRef(fetched)) {
      fetched = FetchInto(path, remote, {ref}, refs, limits);
    }
    return fetched;
  };
  const bool existed = IsClone(clone.path);
  absl::Status fetched = bring(clone.path);
  if (existed && ReasonOf(fetched).reason == "CLONE_DAMAGED" &&
      clone.doubted.insert(ref).second) {
    const std::string fresh = absl::StrCat(clone.path, kFresh);
    fetched = bring(fresh);
    std::error_code error;
    if (fetched.ok()) {
      fs::remove_all(clone.path, error);
      fs::rename(fresh, clone.path, error);
    }
    fs::remove_all(fresh, error);
  }
  if (fetched.ok()) clone.doubted.erase(ref);
  if (ReasonOf(fetched).reason == "RETRY_LATER") {
    clone.listing = fetched;
    clone.listing_began = absl::Now();
  }
  return fetched;
}

absl::StatusOr<RefList> CloneStore::List(const Source& source,
                                         const SourceUrl& url,
                                         const AccessLimits& limits) {
  const absl::Time seen_since = std::min(limits.seen_since, absl::Now());
  const GitRemote remote = RemoteOf(source, url);
  ORRERY_ASSIGN_OR_RETURN(const Turn turn,
                          Turn::Take(Get(source), url, limits));
  return ListInTurn(turn.clone(), remote, seen_since, limits);
}

void CloneStore::LeaveAlone(const Source& source, const std::string& why,
                            absl::Duration time) {
  const std::optional<Turn> turn = Turn::TakeIfIdle(Get(source));
  if (!turn.has_value()) return;
  turn->clone().listing =
      WithReason(absl::UnavailableError(why), "RETRY_LATER");
  turn->clone().listing_began = absl::Now() + time - kRetryLaterPause;
}

absl::StatusOr<FollowedCommit> CloneStore::Follow(const Source& source,
                                                  const SourceUrl& url,
                                                  const AccessLimits& limits) {
  const absl::Time seen_since = std::min(limits.seen_since, absl::Now());
  const GitRemote remote = RemoteOf(source, url);
  const std::shared_ptr<Clone> clone = Get(source);
  ORRERY_ASSIGN_OR_RETURN(const Turn turn, Turn::Take(clone, url, limits));
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

void CloneStore::Discard(const Source& source, const SourceUrl& url) {
  const absl::StatusOr<Turn> turn =
      Turn::Take(Get(source), url, AccessLimits());
  if (!turn.ok()) return;
  std::error_code error;
  fs::remove_all(turn->clone().path, error);
}

void CloneStore::Tend(const Source& source, const SourceUrl& url,
                      const AccessLimits& limits) {
  const std::shared_ptr<Clone> clone = Get(source);
  const absl::StatusOr<Turn> turn = Turn::Take(clone, url, limits);
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
  for (const Source& source : sources) {
    const std::shared_ptr<Clone> clone = Get(source);
    const MutexLock lock(&clone->mutex);
    clone->followed = kept[CloneName(source)];
  }
  std::error_code error;
  std::set<std::string> unused;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(options_.state_dir + "/clones", error)) {
    const fs::path name = entry.path().filename();
    // What stands beside a clone goes with it.
    const bool beside = name.extension() == std::string(kFresh);
    unused.insert((beside ? name.stem() : name).string());
  }
  for (const std::string& name : unused) {
    if (kept.contains(name)) continue;
    const std::shared_ptr<Clone> clone = GetNamed(name);
    const std::optional<Turn> turn = Turn::TakeIfIdle(clone);
    if (!turn.has_value() || clone->readers > 0) continue;
    fs::remove_all(clone->path, error);
    fs::remove_all(absl::StrCat(clone->path, kFresh), error);
  }
  const MutexLock lock(&mutex_);
  std::erase_if(clones_, [&kept](const auto& clone) {
    // Nobody else gets at it meanwhile.
    return !kept.contains(clone.first) && clone.second.use_count() == 1;
  });
}

}  // namespace orrery::registry
