// `log`: the public logs of registries.

#ifndef CLI_PLUGIN_TRUST_LOG_COMMANDS_H_
#define CLI_PLUGIN_TRUST_LOG_COMMANDS_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command LogCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_LOG_COMMANDS_H_
