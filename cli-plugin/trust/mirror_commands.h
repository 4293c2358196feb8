// `mirror`: copies of a registry's log and files, for where no network leads.

#ifndef CLI_PLUGIN_TRUST_MIRROR_COMMANDS_H_
#define CLI_PLUGIN_TRUST_MIRROR_COMMANDS_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command MirrorCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_MIRROR_COMMANDS_H_
