#ifndef CLI_PLUGIN_DOCTOR_COMMAND_H_
#define CLI_PLUGIN_DOCTOR_COMMAND_H_

#include "cli-plugin/command/command.h"

namespace orrery::cli {

Command DoctorCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_DOCTOR_COMMAND_H_
