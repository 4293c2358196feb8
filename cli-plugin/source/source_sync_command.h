// orrery source sync

#ifndef CLI_PLUGIN_SOURCE_SOURCE_SYNC_COMMAND_H_
#define CLI_PLUGIN_SOURCE_SOURCE_SYNC_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command SourceSyncCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_SYNC_COMMAND_H_
