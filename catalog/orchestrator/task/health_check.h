// The rules of a health check, without doing one (orchestrators.md §3.5): when
// it is due, which failures count, and when they end the instance.

#ifndef CATALOG_ORCHESTRATOR_TASK_HEALTH_CHECK_H_
#define CATALOG_ORCHESTRATOR_TASK_HEALTH_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"

namespace orrery::catalog {

enum class Health : uint8_t { kUnknown, kHealthy, kUnhealthy };

enum class ProbeVerdict : uint8_t {
  kPass,
  kFail,
  // A 1xx answer that is to be ignored.
  kNoChange
};

struct ProbeResult {
  ProbeVerdict verdict = ProbeVerdict::kFail;
  // Why it failed, in words.
  std::string reason;
};

// One check of one instance. Times are the caller's, so that a test can run a
// day in a moment.
class HealthTracker {
 public:
  // `start` is when the task began, also when it was adopted later.
  HealthTracker(const AppHealthCheck& check, absl::Time start);

  // When the next probe is to begin. Requires: none is under way.
  absl::Time next_probe() const { return next_probe_; }

  // Notes the outcome of a probe; true when the instance must be killed.
  bool Note(const ProbeResult& result, absl::Time now);

  Health health() const { return health_; }
  // Counted failures since the last pass.
  int failures() const { return failures_; }
  // Probes since the start.
  int64_t probes() const { return probes_; }
  const std::string& last_reason() const { return last_reason_; }
  const AppHealthCheck& check() const { return check_; }

 private:
  bool CountFailure(absl::Time now);

  AppHealthCheck check_;
  absl::Time start_;
  absl::Time next_probe_;
  Health health_ = Health::kUnknown;
  bool passed_ = false;
  int failures_ = 0;
  int64_t probes_ = 0;
  std::optional<absl::Time> last_counted_;
  std::string last_reason_;
};

// MESOS_* and COMMAND checks are done beside the task: they begin after a
// delay, and `maxConsecutiveFailures` 0 kills at the first counted failure.
bool IsMesosCheck(const AppHealthCheck& check);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_HEALTH_CHECK_H_
