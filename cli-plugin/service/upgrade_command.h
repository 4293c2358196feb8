#ifndef CLI_PLUGIN_SERVICE_UPGRADE_COMMAND_H_
#define CLI_PLUGIN_SERVICE_UPGRADE_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command UpgradeCommand();
Command RollbackCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_UPGRADE_COMMAND_H_
