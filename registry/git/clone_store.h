#ifndef REGISTRY_GIT_CLONE_STORE_H_
#define REGISTRY_GIT_CLONE_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "registry/git/git_remote.h"
#include "registry/git/git_repository.h"
#include "registry/git/ref_choice.h"
#include "registry/git/source.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// A commit that a source follows, readable.
struct FollowedCommit {
  // Of the repository on this machine: the source's own, or its clone.
  std::string path;
  std::unique_ptr<GitRepository> repository;
  // Full name of the followed ref.
  std::string ref;
  ObjectId commit;
  // Keeps the clone from being repacked while it is read.
  std::shared_ptr<void> lease;
};

// Bare clones of remotes, one for each remote (CanonicalRemote) with its
// credentials, however many sources follow it. Thread-safe; two processes may
// not use one directory.
class CloneStore {
 public:
  using Options = GitRemote::Options;

  explicit CloneStore(Options options);
  ~CloneStore();

  // The remote's refs, or why they could not be listed. A server that said
  // RETRY_LATER is left alone for kRetryLaterPause, whoever asks and for
  // whatever source of the clone, unless `limits` insist.
  absl::StatusOr<RefList> List(const Source& source, const SourceUrl& url,
                               const AccessLimits& limits);
  // The remote said RETRY_LATER before a restart, with these words: it is left
  // alone for the rest of the time.
  void LeaveAlone(const Source& source, const std::string& why,
                  absl::Duration time);
  // Fetches when the remote's ref is elsewhere than the clone's. A clone that
  // seems to be damaged is replaced by a new one, once that is whole: since it
  // may be the remote that is damaged, not again before a fetch went well.
  absl::StatusOr<FollowedCommit> Follow(const Source& source,
                                        const SourceUrl& url,
                                        const AccessLimits& limits);
  // Joins the packs of the source's clone and drops what no followed ref needs
  // any more, when that is worth it. Others wait for it meanwhile. Does nothing
  // while the clone is read.
  void Tend(const Source& source, const SourceUrl& url,
            const AccessLimits& limits);
  // Deletes the source's clone: something in it cannot be read.
  void Discard(const Source& source, const SourceUrl& url);
  // Deletes the clones that none of `sources` follows, but those that somebody
  // is busy with or reads: of a source that is being added.
  void KeepOnly(const std::vector<Source>& sources);

 private:
  // One clone. Whoever is busy with it is alone.
  struct Clone;
  class Turn;

  std::shared_ptr<Clone> Get(const Source& source);
  std::shared_ptr<Clone> GetNamed(const std::string& name);
  GitRemote RemoteOf(const Source& source, const SourceUrl& url) const;
  absl::StatusOr<RefList> ListInTurn(Clone& clone, const GitRemote& remote,
                                     absl::Time seen_since,
                                     const AccessLimits& limits);
  // Brings all followed refs of `list`, of which `ref` is one; `ref` alone when
  // that fails.
  absl::Status FetchInTurn(Clone& clone, const GitRemote& remote,
                           const RefList& list, const std::string& ref,
                           const AccessLimits& limits);
  const Options options_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Clone>> clones_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_CLONE_STORE_H_
