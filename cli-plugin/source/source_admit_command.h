// orrery source admit

#ifndef CLI_PLUGIN_SOURCE_SOURCE_ADMIT_COMMAND_H_
#define CLI_PLUGIN_SOURCE_SOURCE_ADMIT_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command SourceAdmitCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_ADMIT_COMMAND_H_
