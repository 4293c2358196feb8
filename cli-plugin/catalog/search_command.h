#ifndef CLI_PLUGIN_CATALOG_SEARCH_COMMAND_H_
#define CLI_PLUGIN_CATALOG_SEARCH_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command SearchCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CATALOG_SEARCH_COMMAND_H_
