#ifndef REGISTRY_SOURCE_REPOSITORY_ACCESS_H_
#define REGISTRY_SOURCE_REPOSITORY_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "registry/git/clone_store.h"
#include "registry/git/git_remote.h"
#include "registry/git/ref_choice.h"
#include "registry/git/source.h"

namespace orrery::registry {

// Gets at the repositories of sources: those on this machine are read in place,
// others are fetched into clones. Thread-safe.
class RepositoryAccess {
 public:
  struct Options {
    CloneStore::Options clones;
    bool allow_local_sources = true;
  };

  explicit RepositoryAccess(const Options& options);

  // kPermissionDenied with reason LOCAL_SOURCE_REFUSED for a source that only a
  // server with local sources may follow.
  absl::Status CheckAllowed(const SourceUrl& url) const;

  // The refs of the source's repository as it is now.
  absl::StatusOr<RefList> List(const Source& source,
                               const AccessLimits& limits);
  // The commit of the source's ref as it is now; a ref `HEAD` is resolved.
  // kFailedPrecondition with reason REF_GONE when the ref is there no more.
  absl::StatusOr<FollowedCommit> Follow(const Source& source,
                                        const AccessLimits& limits);

  // See CloneStore::LeaveAlone; nothing for a repository on this machine.
  void LeaveAlone(const Source& source, const std::string& why,
                  absl::Duration time);
  // See CloneStore::Tend; nothing for a repository on this machine.
  void Tend(const Source& source, const AccessLimits& limits);
  // An object of the source's repository could not be read: a clone is deleted
  // and will be made anew. Whether there was one.
  bool Discard(const Source& source);
  // Deletes the clones that none of `sources` follows.
  void KeepOnly(const std::vector<Source>& sources);

 private:
  const bool allow_local_sources_;
  CloneStore clones_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_REPOSITORY_ACCESS_H_
