// The commands of `orrery` as data: the parser, the help, the completion
// scripts and the man pages are all made from this one tree.

#ifndef CLI_PLUGIN_COMMAND_COMMAND_TREE_H_
#define CLI_PLUGIN_COMMAND_COMMAND_TREE_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/text/problem.h"

namespace orrery::cli {

class Invocation;
struct CommandContext;

// What a value is, so that a shell can complete it.
enum class ValueKind : uint8_t {
  kText,
  kFile,
  kDirectory,
  kChoice,
  // A configured source, a package, an installed service, a command.
  kSource,
  kPackage,
  kService,
  kCommand,
};

struct Flag {
  // Long name without dashes.
  std::string name = {};
  char short_name = 0;
  // Word for the value in help, for example "FILE"; empty for a switch.
  std::string value = {};
  // One line, no final period.
  std::string help = {};
  ValueKind kind = ValueKind::kText;
  std::vector<std::string> choices = {};
  bool repeatable = false;
  // Word for the value that a switch may have (`--pre=PKG`); empty: it has
  // none.
  std::string optional_value = {};
  // Other long names that mean the same; accepted and not advertised.
  std::vector<std::string> aliases = {};
};

struct Argument {
  // Word in help, upper case.
  std::string name = {};
  std::string help = {};
  ValueKind kind = ValueKind::kText;
  std::vector<std::string> choices = {};
  bool required = true;
  // Takes all remaining words; only for the last one.
  bool repeatable = false;
};

struct Example {
  std::string command = {};
  std::string note = {};
};

struct Command {
  // Succeeds with the exit code; an error is printed by the caller.
  using Run = absl::StatusOr<ExitCode> (*)(const Invocation&, CommandContext&);

  std::string name = {};
  std::vector<std::string> aliases = {};
  // One line, no final period.
  std::string summary = {};
  // Paragraphs, apart by an empty line.
  std::string description = {};
  std::vector<Example> examples = {};
  std::vector<Flag> flags = {};
  std::vector<Argument> arguments = {};
  std::vector<Command> subcommands = {};
  // Kept out of help, completion and man pages.
  bool hidden = false;
  Run run = nullptr;
};

// The subcommand called `word`, by name or alias, or null.
const Command* FindSubcommand(const Command& command, absl::string_view word);

// The command that `words` lead to below `root`, or null when a word names
// none.
const Command* FindCommand(const Command& root,
                           std::span<const std::string> words);

// Names of the visible subcommands, in order.
std::vector<std::string> SubcommandNames(const Command& command);

// The flag called `name`, by long name or alias, or null.
const Flag* FindFlag(const Command& command, absl::string_view name);

// One parsed command line.
class Invocation {
 public:
  struct Given {
    std::string name;
    std::string value;
  };

  // `path` leads from the root to `command`, both borrowed from the tree.
  // `flags` and `arguments` are in the order they were given.
  Invocation(const Command* command, std::vector<std::string> path,
             std::vector<Given> flags, std::vector<Given> arguments)
      : command_(command),
        path_(std::move(path)),
        flags_(std::move(flags)),
        arguments_(std::move(arguments)) {}

  const Command& command() const { return *command_; }
  const std::vector<std::string>& path() const { return path_; }
  const std::vector<Given>& flags() const { return flags_; }

  // Whether the switch is on, or the flag has a value. The last one counts.
  bool Has(absl::string_view flag) const;
  // How often a switch was given.
  int Count(absl::string_view flag) const;
  // The last value of a flag, or `fallback`.
  std::string Text(absl::string_view flag,
                   absl::string_view fallback = "") const;
  // All values of a flag, in order.
  std::vector<std::string> Texts(absl::string_view flag) const;

  // The value of an argument, or empty.
  std::string Word(absl::string_view name) const;
  std::vector<std::string> Words(absl::string_view name) const;

 private:
  const Command* command_;
  std::vector<std::string> path_;
  std::vector<Given> flags_;
  std::vector<Given> arguments_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_COMMAND_TREE_H_
