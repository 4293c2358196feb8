// The user's options of an installation: files, then single options.

#ifndef CLI_PLUGIN_SERVICE_INSTALL_OPTIONS_H_
#define CLI_PLUGIN_SERVICE_INSTALL_OPTIONS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/command_tree.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

struct InstallOptions {
  // An object; empty when nothing was given.
  registry::JsonValue options = registry::JsonValue::Object();
  // What the user should know, for example of an --unset without effect.
  std::vector<std::string> warnings;
};

// Reads every --options FILE in order (`-` calls `read_stdin`), a later one
// over an earlier one, arrays replaced; then applies --set and --unset in the
// order they were given, values read by the types that `config` declares. A
// value of another type is kept as text: the server tells that fault with all
// others. kInvalidArgument (exit 64) naming the file or flag.
absl::StatusOr<InstallOptions> BuildInstallOptions(
    const std::vector<Invocation::Given>& flags,
    const registry::JsonValue& config,
    const std::function<absl::StatusOr<std::string>()>& read_stdin);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_INSTALL_OPTIONS_H_
