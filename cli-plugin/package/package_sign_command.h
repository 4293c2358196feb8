// orrery package sign

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_SIGN_COMMAND_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_SIGN_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command PackageSignCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_SIGN_COMMAND_H_
