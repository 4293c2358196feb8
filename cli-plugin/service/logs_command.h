#ifndef CLI_PLUGIN_SERVICE_LOGS_COMMAND_H_
#define CLI_PLUGIN_SERVICE_LOGS_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command LogsCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_LOGS_COMMAND_H_
