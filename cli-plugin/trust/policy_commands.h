// `policy`: whom this machine believes.

#ifndef CLI_PLUGIN_TRUST_POLICY_COMMANDS_H_
#define CLI_PLUGIN_TRUST_POLICY_COMMANDS_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command PolicyCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_POLICY_COMMANDS_H_
