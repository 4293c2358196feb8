#ifndef CLI_PLUGIN_SERVICE_LOG_PLAN_VERIFIER_H_
#define CLI_PLUGIN_SERVICE_LOG_PLAN_VERIFIER_H_

#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/service/plan_verifier.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Steps 1 to 17 of trust.md §14.1 by the user's own policy: nothing that the
// server says is believed but which services run.
class LogPlanVerifier final : public PlanVerifier {
 public:
  absl::StatusOr<PlanVerdict> Verify(const registry::JsonValue& planned,
                                     const AskedChange& change,
                                     const Invocation& invocation,
                                     CommandContext& context) override;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_LOG_PLAN_VERIFIER_H_
