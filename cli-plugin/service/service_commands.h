// Installed services: list, status.

#ifndef CLI_PLUGIN_SERVICE_SERVICE_COMMANDS_H_
#define CLI_PLUGIN_SERVICE_SERVICE_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

Command ListCommand();
Command StatusCommand();

// The argument that names a service.
Argument ServiceArgument();

// The flag that names the cluster, and its value.
Flag ClusterFlag();
std::string ClusterOf(const Invocation& invocation);

// "/v1/clusters/local/services/kafka".
std::string ServicePath(absl::string_view cluster, absl::string_view service);

// A service as `status` shows it.
Answer ServiceAnswer(registry::JsonValue service,
                     const CommandContext& context);
// Several, one after the other.
Answer ServicesAnswer(std::vector<registry::JsonValue> services,
                      const CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_SERVICE_COMMANDS_H_
