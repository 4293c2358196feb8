// A repository on another machine, by the git program with a configuration of
// our own: no hooks, prompts, helpers, submodules, tags or redirects; objects
// are checked; host keys and certificates too.

#ifndef REGISTRY_GIT_GIT_REMOTE_H_
#define REGISTRY_GIT_GIT_REMOTE_H_

#include <sys/resource.h>

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "registry/git/git_failure.h"
#include "registry/git/git_process.h"
#include "registry/git/ref_choice.h"
#include "registry/git/source.h"

namespace orrery::registry {

// How far a look at a remote may go.
struct AccessLimits {
  absl::Time deadline = absl::InfiniteFuture();
  // What somebody else saw of the remote since then is good enough; later than
  // now means now.
  absl::Time seen_since = absl::InfiniteFuture();
  // Somebody asked for it: also of a server that wants to be left alone.
  bool insist = false;
  // Ends a running child.
  std::stop_token stop;
};

inline constexpr uint64_t kMaxFetchBytes = uint64_t{1} << 30;

// How long a server is left alone after RETRY_LATER.
inline constexpr absl::Duration kRetryLaterPause = absl::Minutes(5);

// Thread-safe. Errors name host, phase and seconds, carry no secret, and have a
// reason: REMOTE_UNREACHABLE, REMOTE_REFUSED (credentials, host key,
// certificate), NO_REPOSITORY, NOT_SMART (an http server that only hands out
// files), RETRY_LATER, REMOTE_DAMAGED, CLONE_DAMAGED (or so it seems: a remote
// over ssh can have it said), DISK_FULL, FETCH_FAILED.
class GitRemote {
 public:
  struct Options {
    std::string git_program = "git";
    // Holds `clones/`, and `ssh/`: the configuration and known hosts of this
    // server.
    std::string state_dir;
    absl::Duration stall_limit = absl::Seconds(60);
    // Of the pack of one fetch.
    uint64_t max_fetch_bytes = kMaxFetchBytes;
  };

  GitRemote(Options options, SourceUrl url, SourceFiles files);

  absl::StatusOr<RefList> List(const AccessLimits& limits) const;
  // Brings `refs` of the bare repository at `clone`, which is made when it is
  // missing, to what they are at the remote.
  absl::Status Fetch(const std::string& clone,
                     const std::set<std::string>& refs,
                     const AccessLimits& limits) const;
  // Which of the packs that fetches leave behind are joined.
  enum class Packs : uint8_t {
    // So many that the others are larger than all before them together.
    kSmall,
    // Without what no ref leads to.
    kAll,
  };
  absl::Status Repack(const std::string& clone, Packs packs,
                      const AccessLimits& limits) const;

 private:
  struct Settings {
    std::vector<std::string> environment;
    // Never to be shown.
    std::vector<std::string> secrets;
  };

  absl::StatusOr<Settings> MakeSettings() const;
  // The file to which host keys are to be added.
  std::string KnownHosts() const;
  absl::StatusOr<std::string> SshCommand() const;
  // What a run of git is for, and what it may use.
  struct Task {
    // "listing the refs of".
    const char* doing;
    // What is waited for when nothing comes.
    const char* phase;
    uint64_t max_output_bytes = uint64_t{64} << 10;
    uint64_t max_file_bytes = RLIM_INFINITY;
  };
  // What a failure is about, as far as it is known before it happens.
  GitFailure FailureOf(const Task& task, absl::Duration duration) const;
  absl::StatusOr<std::string> Run(std::vector<std::string> arguments,
                                  const Task& task,
                                  const AccessLimits& limits) const;

  const Options options_;
  const SourceUrl url_;
  const SourceFiles files_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_REMOTE_H_
