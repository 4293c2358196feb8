// orrery package keyset

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_KEYSET_COMMAND_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_KEYSET_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command PackageKeysetCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_KEYSET_COMMAND_H_
