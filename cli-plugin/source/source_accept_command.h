// orrery source accept

#ifndef CLI_PLUGIN_SOURCE_SOURCE_ACCEPT_COMMAND_H_
#define CLI_PLUGIN_SOURCE_SOURCE_ACCEPT_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command SourceAcceptCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_ACCEPT_COMMAND_H_
