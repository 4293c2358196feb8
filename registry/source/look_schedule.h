#ifndef REGISTRY_SOURCE_LOOK_SCHEDULE_H_
#define REGISTRY_SOURCE_LOOK_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace orrery::registry {

// When one source is looked at next. Polls carry jitter, failures double the
// time between them, many hints are answered by one look, and a server that
// asked for a pause gets it. Not thread-safe.
class LookSchedule {
 public:
  enum class Outcome {
    kSuccess,
    kFailure,
    // A failure, and the server wants to be left alone for a while.
    kRetryLater,
    // Given up, or held: no fault of the remote.
    kNeither,
  };

  // Sources of different names spread out.
  LookSchedule(std::string name, absl::Duration poll_interval);

  // Goes on after a restart as it was before: `failing_since` is the first of
  // the failures, which since then came ever more seldom, and the server is
  // left alone until `paused_until`.
  void Resume(absl::Time failing_since, absl::Time paused_until,
              absl::Time now);

  // The infinite past before anything is known.
  absl::Time next() const { return next_; }
  // A look that is due may take what was seen of the remote since then. Of the
  // real clock, as `real_now`.
  absl::Time SeenSince(absl::Time real_now) const;

  // Somebody says that the remote has changed. Forgets failures, and says when
  // a look is due: a moment later, so that it answers other hints too.
  absl::Time Hint(absl::Time now, absl::Time real_now);
  void ForgetFailures() { failures_ = 0; }
  // A look begins, which answers the hints until now.
  void Begin() { hint_.reset(); }
  void End(Outcome outcome, absl::Time now);

 private:
  // Not answered yet.
  struct PendingHint {
    absl::Time first;
    // Of the real clock.
    absl::Time last;
    absl::Time due;
  };

  absl::Duration Delay() const;

  const std::string name_;
  const absl::Duration poll_interval_;
  absl::Time next_ = absl::InfinitePast();
  absl::Time paused_until_ = absl::InfinitePast();
  std::optional<PendingHint> hint_;
  int failures_ = 0;
  uint64_t looks_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_LOOK_SCHEDULE_H_
