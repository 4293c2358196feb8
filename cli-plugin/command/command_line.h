// Parses a command line against the tree (CLI11 inside).

#ifndef CLI_PLUGIN_COMMAND_COMMAND_LINE_H_
#define CLI_PLUGIN_COMMAND_COMMAND_LINE_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "cli-plugin/command/command_tree.h"

namespace orrery::cli {

// `words` without the program's name. The flags of `root` may stand anywhere,
// those of a command anywhere behind its name; `--` ends the flags. A missing
// argument is not an error when --help is given. Failures are kInvalidArgument
// (exit 64) with the nearest spelling. `root` outlives the result.
absl::StatusOr<Invocation> ParseCommandLine(const Command& root,
                                            std::span<const std::string> words);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_COMMAND_LINE_H_
