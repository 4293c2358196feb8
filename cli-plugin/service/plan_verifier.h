#ifndef CLI_PLUGIN_SERVICE_PLAN_VERIFIER_H_
#define CLI_PLUGIN_SERVICE_PLAN_VERIFIER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

struct AskedChange;

// What was found out of a plan that may be begun.
struct PlanVerdict {
  // The evidence block (spec: trust.md §14.5); empty when nothing would start.
  std::string evidence;
  // What a reader should know before agreeing.
  std::vector<std::string> warnings;
  // Of the verified package that was asked for first.
  std::string notes_before;
  // Of all that were asked for, by service; those that say nothing have none.
  std::map<std::string, std::string> notes_after;
};

// Checks what a server plans before it is begun.
class PlanVerifier {
 public:
  virtual ~PlanVerifier() = default;

  // `planned` is the server's answer to a change that is only planned. A
  // refusal when something of it may not run, or is not what the log says.
  virtual absl::StatusOr<PlanVerdict> Verify(const registry::JsonValue& planned,
                                             const AskedChange& change,
                                             const Invocation& invocation,
                                             CommandContext& context) = 0;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_PLAN_VERIFIER_H_
