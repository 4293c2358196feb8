// orrery package record, orrery package yank

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_RECORD_COMMAND_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_RECORD_COMMAND_H_

#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

Command PackageRecordCommand();
Command PackageYankCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_RECORD_COMMAND_H_
