// Help pages, from the tree.

#ifndef CLI_PLUGIN_HELP_HELP_H_
#define CLI_PLUGIN_HELP_HELP_H_

#include <span>
#include <string>
#include <vector>

#include "cli-plugin/command/command_tree.h"
#include "cli-plugin/command/terminal.h"

namespace orrery::cli {

// What --help shows for `command`, found at `path` below `root`. Ends in a
// newline.
std::string HelpText(const Command& root, const Command& command,
                     std::span<const std::string> path,
                     const Terminal& terminal);

// "[--ref REF] NAME URL": the command's own flags and arguments.
std::string Synopsis(const Command& command);

// "-o, --output FORMAT".
std::string FlagSpelling(const Flag& flag);

struct ExitMeaning {
  int code;
  std::string meaning;
};
// The documented exit codes, ascending.
std::vector<ExitMeaning> ExitMeanings();

struct VariableMeaning {
  std::string name;
  std::string meaning;
};
// The environment variables that count, by name.
std::vector<VariableMeaning> VariableMeanings();

Command HelpCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HELP_HELP_H_
