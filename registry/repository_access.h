#ifndef REGISTRY_REPOSITORY_ACCESS_H_
#define REGISTRY_REPOSITORY_ACCESS_H_

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "registry/git_repository.h"
#include "registry/ref_choice.h"
#include "registry/source.h"

namespace orrery::registry {

// The commit that a source follows, readable.
struct FollowedCommit {
  // Of the repository on this machine: the source's own, or its clone.
  std::string path;
  std::unique_ptr<GitRepository> repository;
  // Full name of the followed ref.
  std::string ref;
  ObjectId commit;
};

// How far a look at a remote may go.
struct AccessLimits {
  absl::Time deadline;
  // Ends a running child.
  std::stop_token stop;
};

// Gets at the repositories of sources: those on this machine are read in place,
// others are fetched into `clones_dir` by the git program. Thread-safe.
class RepositoryAccess {
 public:
  struct Options {
    std::string clones_dir;
    std::string git_program = "git";
    bool allow_local_sources = true;
  };

  explicit RepositoryAccess(Options options);

  // kPermissionDenied with reason LOCAL_SOURCE_REFUSED for a source that only a
  // server with local sources may follow.
  absl::Status CheckAllowed(const SourceUrl& url) const;

  // The refs of the source's repository as it is now.
  absl::StatusOr<RefList> List(const Source& source,
                               const AccessLimits& limits) const;
  // The commit of the source's ref as it is now; a ref `HEAD` is resolved.
  // kFailedPrecondition with reason REF_GONE when the ref is there no more.
  absl::StatusOr<FollowedCommit> Follow(const Source& source,
                                        const AccessLimits& limits) const;

 private:
  const Options options_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_REPOSITORY_ACCESS_H_
