// What a shell completes: scripts for the shells, and the hidden command they
// call.

#ifndef CLI_PLUGIN_HELP_COMPLETION_H_
#define CLI_PLUGIN_HELP_COMPLETION_H_

#include <span>
#include <string>
#include <vector>

#include "cli-plugin/command/command.h"

namespace orrery::cli {

struct Candidate {
  std::string text;
  // May be empty.
  std::string description;

  bool operator==(const Candidate&) const = default;
};

// What may stand where the last word is.
struct Completion {
  std::vector<Candidate> candidates;
  // Names to get from elsewhere (or files); kText for none.
  ValueKind names = ValueKind::kText;
  // What of the last word stands before those names: "--output=".
  std::string before_names;
  // The rest of the last word.
  std::string begun;
};

// `words` are the words behind the program's name up to the cursor; the last
// one is being written and may be empty. Candidates begin with what is there
// of it.
Completion Complete(const Command& root, std::span<const std::string> words);

Command CompletionCommand();
// Hidden: prints candidates one a line, a tab before the description, and as
// last line `:files` or `:directories` when the shell is to add those.
Command CompleteCommand();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HELP_COMPLETION_H_
