// orrery operation list, show, watch

#ifndef CLI_PLUGIN_SERVICE_OPERATION_COMMANDS_H_
#define CLI_PLUGIN_SERVICE_OPERATION_COMMANDS_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command OperationCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_OPERATION_COMMANDS_H_
