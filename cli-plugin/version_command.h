#ifndef CLI_PLUGIN_VERSION_COMMAND_H_
#define CLI_PLUGIN_VERSION_COMMAND_H_

#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command VersionCommand();

// Also what --version runs.
absl::StatusOr<ExitCode> RunVersion(const Invocation& invocation,
                                    CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_VERSION_COMMAND_H_
