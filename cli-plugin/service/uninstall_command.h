#ifndef CLI_PLUGIN_SERVICE_UNINSTALL_COMMAND_H_
#define CLI_PLUGIN_SERVICE_UNINSTALL_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command UninstallCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_UNINSTALL_COMMAND_H_
