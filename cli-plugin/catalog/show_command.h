// What a package is and which releases it has.

#ifndef CLI_PLUGIN_CATALOG_SHOW_COMMAND_H_
#define CLI_PLUGIN_CATALOG_SHOW_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command ShowCommand();
Command VersionsCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CATALOG_SHOW_COMMAND_H_
