// The server's artifact store: artifact add, list, remove.

#ifndef CLI_PLUGIN_CATALOG_ARTIFACT_COMMANDS_H_
#define CLI_PLUGIN_CATALOG_ARTIFACT_COMMANDS_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command ArtifactCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CATALOG_ARTIFACT_COMMANDS_H_
