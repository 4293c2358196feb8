// The git repositories that packages come from: source add, list, remove, sync,
// status.

#ifndef CLI_PLUGIN_SOURCE_SOURCE_COMMANDS_H_
#define CLI_PLUGIN_SOURCE_SOURCE_COMMANDS_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command SourceCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_COMMANDS_H_
