// `package lint`: the rules of the package format, those that need rendering
// included, over files on this machine.

#ifndef CLI_PLUGIN_PACKAGE_LINT_COMMAND_H_
#define CLI_PLUGIN_PACKAGE_LINT_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command PackageLintCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_LINT_COMMAND_H_
