// Names that only the server knows, for completion: from a cache of this user,
// refreshed under a short deadline.

#ifndef CLI_PLUGIN_HELP_COMPLETION_NAMES_H_
#define CLI_PLUGIN_HELP_COMPLETION_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli-plugin/command/command.h"

namespace orrery::cli {

// Never fails and never takes longer than about 40 ms: without an answer the
// names of last time, or none. For a package whose `begun` holds an `@`, its
// ranges ("kafka@=1.0"), which are not cached.
std::vector<std::string> NamesFor(ValueKind kind, absl::string_view begun,
                                  CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HELP_COMPLETION_NAMES_H_
