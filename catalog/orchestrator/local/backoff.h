// How long an app that fails waits before the next try (orchestrators.md §3.5).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_BACKOFF_H_
#define CATALOG_ORCHESTRATOR_LOCAL_BACKOFF_H_

#include <algorithm>
#include <optional>

#include "absl/time/time.h"

namespace orrery::catalog {

// The first failure waits `first`, each one after it `factor` times as long, up
// to `longest`; failures are forgotten once `longest` passed without one since
// the last try.
class Backoff {
 public:
  Backoff(absl::Duration first, double factor, absl::Duration longest)
      : first_(first), factor_(factor), longest_(longest) {}

  // Notes a failure and gives the wait before the next try.
  absl::Duration Fail(absl::Time now) {
    // Counted from the try that followed: the waits of a crash loop are not
    // times without failure.
    if (last_failure_.has_value() &&
        now - (*last_failure_ + delay_) > longest_) {
      failures_ = 0;
    }
    delay_ = failures_ == 0 ? first_ : delay_ * std::max(1.0, factor_);
    delay_ = std::clamp(delay_, absl::ZeroDuration(), longest_);
    last_failure_ = now;
    ++failures_;
    return delay_;
  }

  // Failures in a row, as far as they are not forgotten.
  int failures() const { return failures_; }
  // The last wait that was given.
  absl::Duration delay() const { return delay_; }

 private:
  absl::Duration first_;
  double factor_;
  absl::Duration longest_;
  absl::Duration delay_;
  std::optional<absl::Time> last_failure_;
  int failures_ = 0;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_BACKOFF_H_
