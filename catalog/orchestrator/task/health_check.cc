#include "catalog/orchestrator/task/health_check.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace orrery::catalog {
namespace {

// Until the first pass a service is asked this often, so that what waits for it
// waits no longer than it must. The pause begins when the answer is there, so
// slow commands come less often.
constexpr absl::Duration kFirstAnswerInterval = absl::Milliseconds(100);

}  // namespace

bool IsMesosCheck(const AppHealthCheck& check) {
  return check.protocol == "COMMAND" ||
         absl::StartsWith(check.protocol, "MESOS_");
}

HealthTracker::HealthTracker(const AppHealthCheck& check, absl::Time start)
    : check_(check), start_(start), next_probe_(start) {
  if (IsMesosCheck(check)) next_probe_ += check.delay;
}

bool HealthTracker::Note(const ProbeResult& result, absl::Time now) {
  ++probes_;
  if (result.verdict == ProbeVerdict::kPass) {
    passed_ = true;
    failures_ = 0;
    last_counted_.reset();
    health_ = Health::kHealthy;
    last_reason_.clear();
  }
  next_probe_ = now + (passed_ ? std::max(check_.interval, kFirstAnswerInterval)
                               : kFirstAnswerInterval);
  if (result.verdict != ProbeVerdict::kFail) return false;
  last_reason_ = result.reason;
  return CountFailure(now);
}

bool HealthTracker::CountFailure(absl::Time now) {
  if (!passed_ && now < start_ + check_.grace_period) return false;
  // Probes before the first pass come faster than the check asks for; failures
  // still count once an interval.
  if (!passed_ && last_counted_.has_value() &&
      now < *last_counted_ + check_.interval) {
    return false;
  }
  last_counted_ = now;
  ++failures_;
  health_ = Health::kUnhealthy;
  if (check_.max_consecutive_failures <= 0) return IsMesosCheck(check_);
  return failures_ >= check_.max_consecutive_failures;
}

}  // namespace orrery::catalog
