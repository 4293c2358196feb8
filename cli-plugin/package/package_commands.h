// `orrery package`: what a maintainer does, on the files of this machine alone.

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_COMMANDS_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_COMMANDS_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command PackageCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_COMMANDS_H_
