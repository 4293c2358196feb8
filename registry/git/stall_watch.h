#ifndef REGISTRY_GIT_STALL_WATCH_H_
#define REGISTRY_GIT_STALL_WATCH_H_

#include <sys/types.h>

#include <cstdint>
#include <map>

#include "absl/time/time.h"

namespace orrery::registry {

// Watches by /proc whether a group of processes gets anywhere: useful is to
// read 1000 bytes a second, or to compute for a tenth of the time. What the
// processes print does not count: a remote can have them repeat its chatter for
// ever. Not thread-safe.
class StallWatch {
 public:
  // The first `limit` begins at `now`.
  StallWatch(pid_t group, absl::Duration limit, absl::Time now);

  // When Stalled wants to be asked again; a few times within the limit.
  absl::Time next_look() const { return next_look_; }
  // Whether nothing useful was done for the limit. Never, where /proc does not
  // tell.
  bool Stalled(absl::Time now);

 private:
  struct Work {
    uint64_t bytes_read = 0;
    absl::Duration computed;
  };

  // What the processes did since the last look. False when nothing can be seen.
  bool Look(Work* done);

  const pid_t group_;
  const absl::Duration limit_;
  absl::Time next_look_;
  std::map<pid_t, Work> seen_;
  // Since `since_`, when enough had been done.
  absl::Time since_;
  Work done_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_STALL_WATCH_H_
