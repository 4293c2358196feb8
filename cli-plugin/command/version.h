#ifndef CLI_PLUGIN_COMMAND_VERSION_H_
#define CLI_PLUGIN_COMMAND_VERSION_H_

#include "absl/strings/string_view.h"

namespace orrery::cli {

// Of this program; released together with the server's.
inline constexpr absl::string_view kVersion = "0.1.0";

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_VERSION_H_
