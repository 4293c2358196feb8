#ifndef CLI_PLUGIN_SERVICE_PLAN_RUN_H_
#define CLI_PLUGIN_SERVICE_PLAN_RUN_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli-plugin/catalog/package_reference.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// A change of services on its way from the command line to the server.
struct AskedChange {
  // Where it is posted.
  std::string path;
  // Without validate_only and plan_id.
  registry::JsonValue request;
  std::string cluster;
  std::string service;
  // "installing", "upgrading".
  std::string doing;
  // What is said when there is nothing to do.
  std::string nothing;
  // What the server said of the release that was asked for; null for nothing.
  registry::JsonValue release = {};
  // Other services that are asked for at the same time.
  std::vector<std::string> others = {};
  // That a version label goes down is what is asked for.
  bool takes_label_down = false;

  bool AsksFor(const std::string& name) const;
};

// Plans, verifies the plan, shows it, asks, carries out exactly what was shown,
// waits, and prints the service; with --dry-run only the plan.
absl::StatusOr<ExitCode> PlanAndRun(const AskedChange& change,
                                    const Invocation& invocation,
                                    CommandContext& context);

// Shows the plan, in any case to somebody who is asked. kInvalidArgument (exit
// 64) when nobody can be, or a label goes down; kFailedPrecondition (exit 4)
// when the cluster has too little room and nobody can be asked.
absl::Status ShowAndConfirm(const registry::JsonValue& plan,
                            const AskedChange& change,
                            const Invocation& invocation,
                            CommandContext& context);

// What the server plans: an answer with the member `plan`.
absl::StatusOr<registry::JsonValue> AskForPlan(const AskedChange& change,
                                               CommandContext& context);

// Begins that plan; the server's answer.
absl::StatusOr<registry::JsonValue> StartPlan(const registry::JsonValue& plan,
                                              const AskedChange& change,
                                              CommandContext& context);

// For --dry-run.
ExitCode PrintPlan(const registry::JsonValue& plan, CommandContext& context);

// Waits for all of them, in order; the first that fails is what is told. As
// they are at the end.
absl::StatusOr<std::vector<registry::JsonValue>> WaitForAll(
    std::span<const registry::JsonValue> operations, CommandContext& context);

// Adds to the request the features of the item and what the flags say of the
// answer. kInvalidArgument (exit 64).
absl::Status AddResolution(const PackageReference& item,
                           const Invocation& invocation,
                           const CommandContext& context,
                           registry::JsonValue* request);

// --dry-run, --no-wait, --allow-label-downgrade, --allow-shortage, those of an
// answer and its lock, and whom to believe.
std::vector<Flag> PlanFlags();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_PLAN_RUN_H_
