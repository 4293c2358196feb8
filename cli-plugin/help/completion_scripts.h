#ifndef CLI_PLUGIN_HELP_COMPLETION_SCRIPTS_H_
#define CLI_PLUGIN_HELP_COMPLETION_SCRIPTS_H_

#include "absl/strings/string_view.h"

namespace orrery::cli {

// The script of `bash`, `zsh` or `fish`; empty for another shell. It asks
// `orrery __complete` for everything, so it never disagrees with the program.
absl::string_view CompletionScript(absl::string_view shell);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HELP_COMPLETION_SCRIPTS_H_
