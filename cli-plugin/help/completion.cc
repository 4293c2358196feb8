#include "cli-plugin/help/completion.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli-plugin/help/completion_names.h"
#include "cli-plugin/help/completion_scripts.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

// Where the words before the last one have led.
struct Position {
  const Command* command = nullptr;
  size_t arguments = 0;
  // The flag whose value the last word is, or null.
  const Flag* value_of = nullptr;
  bool only_arguments = false;
};

// The flag that `word` is, without a value in the same word, or null.
const Flag* FlagOfWord(const Command& command, absl::string_view word) {
  if (absl::ConsumePrefix(&word, "--")) return FindFlag(command, word);
  if (word.size() != 2 || word[0] != '-') return nullptr;
  for (const Flag& flag : command.flags) {
    if (flag.short_name == word[1]) return &flag;
  }
  return nullptr;
}

const Flag* FlagAnywhere(const Command& root, const Command& command,
                         absl::string_view word) {
  const Flag* flag = FlagOfWord(command, word);
  return flag != nullptr ? flag : FlagOfWord(root, word);
}

Position Walk(const Command& root, std::span<const std::string> words) {
  Position position;
  position.command = &root;
  for (const std::string& word : words) {
    if (std::exchange(position.value_of, nullptr) != nullptr) continue;
    if (position.only_arguments) {
      ++position.arguments;
    } else if (word == "--") {
      position.only_arguments = true;
    } else if (absl::StartsWith(word, "-") && word.size() > 1) {
      const Flag* flag = FlagAnywhere(root, *position.command, word);
      if (flag != nullptr && !flag->value.empty()) position.value_of = flag;
    } else if (const Command* sub = FindSubcommand(*position.command, word);
               sub != nullptr && position.arguments == 0) {
      position.command = sub;
    } else {
      ++position.arguments;
    }
  }
  return position;
}

class Builder {
 public:
  explicit Builder(std::string begun) { completion_.begun = std::move(begun); }

  void Offer(absl::string_view text, absl::string_view description) {
    const std::string whole = absl::StrCat(completion_.before_names, text);
    const std::string typed =
        absl::StrCat(completion_.before_names, completion_.begun);
    if (!absl::StartsWith(whole, typed)) return;
    completion_.candidates.push_back({whole, std::string(description)});
  }

  void OfferValues(ValueKind kind, const std::vector<std::string>& choices) {
    for (const std::string& choice : choices) Offer(choice, "");
    completion_.names = kind;
  }

  void OfferFlags(const Command& command) {
    for (const Flag& flag : command.flags) {
      Offer(absl::StrCat("--", flag.name), flag.help);
    }
  }

  void OfferSubcommands(const Command& command) {
    for (const Command& sub : command.subcommands) {
      if (!sub.hidden) Offer(sub.name, sub.summary);
    }
  }

  // The value of a flag that stands in the same word.
  void SplitOff(absl::string_view before) {
    completion_.before_names = std::string(before);
    completion_.begun.erase(0, before.size());
  }

  Completion Take() { return std::move(completion_); }

 private:
  Completion completion_;
};

void OfferArgument(const Command& root, const Position& position,
                   Builder* builder) {
  const std::vector<Argument>& arguments = position.command->arguments;
  if (arguments.empty()) return;
  const bool behind_last = position.arguments >= arguments.size();
  if (behind_last && !arguments.back().repeatable) return;
  const Argument& argument =
      behind_last ? arguments.back() : arguments[position.arguments];
  if (argument.kind == ValueKind::kCommand) {
    builder->OfferSubcommands(root);
    return;
  }
  builder->OfferValues(argument.kind, argument.choices);
}

// What of a list of names fits, with what stands before it.
void AddNames(const std::vector<std::string>& names, Completion* completion) {
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, completion->begun)) continue;
    completion->candidates.push_back(
        {absl::StrCat(completion->before_names, name), ""});
  }
}

absl::StatusOr<ExitCode> RunComplete(const Invocation& invocation,
                                     CommandContext& context) {
  std::vector<std::string> words = invocation.Words("WORD");
  if (words.empty()) words.push_back("");
  Completion completion = Complete(*context.root, words);
  AddNames(NamesFor(completion.names, completion.begun, context), &completion);
  for (const Candidate& candidate : completion.candidates) {
    context.terminal->Data(absl::StrCat(OneLine(candidate.text), "\t",
                                        OneLine(candidate.description), "\n"));
  }
  if (completion.names == ValueKind::kFile) context.terminal->Data(":files\n");
  if (completion.names == ValueKind::kDirectory) {
    context.terminal->Data(":directories\n");
  }
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunCompletion(const Invocation& invocation,
                                       CommandContext& context) {
  const std::string shell = invocation.Word("SHELL");
  const absl::string_view script = CompletionScript(shell);
  if (script.empty()) {
    return UsageError(absl::StrCat("there is no completion for \"", shell,
                                   "\", but for bash, zsh and fish"));
  }
  Print(std::string(script), context);
  return ExitCode::kSuccess;
}

}  // namespace

Completion Complete(const Command& root, std::span<const std::string> words) {
  const std::string last = words.empty() ? "" : words.back();
  const Position position =
      Walk(root, words.first(words.empty() ? 0 : words.size() - 1));
  Builder builder(last);
  if (position.value_of != nullptr) {
    builder.OfferValues(position.value_of->kind, position.value_of->choices);
    return builder.Take();
  }
  if (absl::StartsWith(last, "-") && !position.only_arguments) {
    const size_t equals = last.find('=');
    if (equals == std::string::npos) {
      builder.OfferFlags(*position.command);
      if (position.command != &root) builder.OfferFlags(root);
      return builder.Take();
    }
    const Flag* flag =
        FlagAnywhere(root, *position.command, last.substr(0, equals));
    builder.SplitOff(last.substr(0, equals + 1));
    if (flag != nullptr) builder.OfferValues(flag->kind, flag->choices);
    return builder.Take();
  }
  if (!position.command->subcommands.empty()) {
    builder.OfferSubcommands(*position.command);
  } else {
    OfferArgument(root, position, &builder);
  }
  return builder.Take();
}

Command CompletionCommand() {
  Command command;
  command.name = "completion";
  command.summary = "Print the completion script of a shell";
  command.description =
      "Completes commands, flags, files, and the names of packages, sources "
      "and "
      "services, which are asked of the server at most once a minute and never "
      "for longer than a moment.";
  command.examples = {
      {"orrery completion bash > "
       "~/.local/share/bash-completion/completions/orrery",
       ""},
      {"orrery completion zsh > \"${fpath[1]}/_orrery\"", ""},
      {"orrery completion fish > ~/.config/fish/completions/orrery.fish", ""}};
  command.arguments = {{.name = "SHELL",
                        .help = "bash, zsh or fish",
                        .kind = ValueKind::kChoice,
                        .choices = {"bash", "zsh", "fish"}}};
  command.run = RunCompletion;
  return command;
}

Command CompleteCommand() {
  Command command;
  command.name = "__complete";
  command.summary = "Print what may stand where the last word is";
  command.arguments = {{.name = "WORD",
                        .help = "words up to the cursor",
                        .required = false,
                        .repeatable = true}};
  command.hidden = true;
  command.run = RunComplete;
  return command;
}

}  // namespace orrery::cli
