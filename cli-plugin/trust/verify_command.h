// `verify`: whether releases may be used, by the policy of whoever asks.

#ifndef CLI_PLUGIN_TRUST_VERIFY_COMMAND_H_
#define CLI_PLUGIN_TRUST_VERIFY_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command VerifyCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_VERIFY_COMMAND_H_
