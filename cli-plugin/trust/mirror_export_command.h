#ifndef CLI_PLUGIN_TRUST_MIRROR_EXPORT_COMMAND_H_
#define CLI_PLUGIN_TRUST_MIRROR_EXPORT_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

// `mirror export`: a bundle of packages with the log that they stand in.
Command MirrorExportCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_MIRROR_EXPORT_COMMAND_H_
