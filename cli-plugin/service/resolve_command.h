// What runs together, why, and what could be newer.

#ifndef CLI_PLUGIN_SERVICE_RESOLVE_COMMAND_H_
#define CLI_PLUGIN_SERVICE_RESOLVE_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command ResolveCommand();
Command WhyCommand();
Command OutdatedCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_RESOLVE_COMMAND_H_
