#include "cli-plugin/help/help.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/text/printable.h"

#include "resolver/spelling.h"

namespace orrery::cli {
namespace {

constexpr int kWidest = 80;
constexpr size_t kIndent = 2;
constexpr size_t kLongestTerm = 24;

using Entry = std::pair<std::string, std::string>;

// Terms and what they mean, in two columns.
void AppendEntries(const std::vector<Entry>& entries, int width,
                   std::string* out) {
  size_t column = 0;
  for (const Entry& entry : entries) {
    column = std::max(column, std::min(entry.first.size(), kLongestTerm));
  }
  const std::string indent(kIndent + column + 2, ' ');
  for (const auto& [term, meaning] : entries) {
    std::string text = Wrapped(meaning, static_cast<size_t>(width), indent);
    if (term.size() <= column) {
      text.replace(
          0, indent.size(),
          absl::StrCat("  ", term, std::string(column - term.size() + 2, ' ')));
    } else {
      absl::StrAppend(out, "  ", term, "\n");
    }
    absl::StrAppend(out, text);
  }
}

std::vector<Entry> FlagEntries(const Command& command) {
  std::vector<Entry> entries;
  for (const Flag& flag : command.flags) {
    entries.emplace_back(FlagSpelling(flag), flag.help);
  }
  return entries;
}

std::vector<Entry> SubcommandEntries(const Command& command) {
  std::vector<Entry> entries;
  for (const Command& sub : command.subcommands) {
    if (!sub.hidden) entries.emplace_back(sub.name, sub.summary);
  }
  return entries;
}

std::string ExitCodesText() {
  std::vector<Entry> entries;
  for (const ExitMeaning& exit : ExitMeanings()) {
    entries.emplace_back(absl::StrCat(exit.code), exit.meaning);
  }
  std::string text = "Exit codes:\n";
  AppendEntries(entries, kWidest, &text);
  return text;
}

std::string EnvironmentText() {
  std::vector<Entry> entries;
  for (const VariableMeaning& variable : VariableMeanings()) {
    entries.emplace_back(variable.name, variable.meaning);
  }
  std::string text = "Environment:\n";
  AppendEntries(entries, kWidest, &text);
  return text;
}

absl::StatusOr<ExitCode> RunHelp(const Invocation& invocation,
                                 CommandContext& context) {
  const std::vector<std::string> words = invocation.Words("COMMAND");
  if (words.size() == 1 && words[0] == "exit-codes") {
    Print(ExitCodesText(), context);
    return ExitCode::kSuccess;
  }
  if (words.size() == 1 && words[0] == "environment") {
    Print(EnvironmentText(), context);
    return ExitCode::kSuccess;
  }
  const Command* command = FindCommand(*context.root, words);
  if (command == nullptr) {
    std::vector<std::string> topics = SubcommandNames(*context.root);
    topics.insert(topics.end(), {"exit-codes", "environment"});
    const std::vector<std::string> near =
        resolver::NearestWords(words.front(), topics);
    return UsageError(absl::StrCat(
        "there is no help on \"", absl::StrJoin(words, " "), "\"",
        near.empty() ? "" : absl::StrCat(", did you mean ", near.front(), "?"),
        "; topics: ", absl::StrJoin(topics, ", ")));
  }
  Print(HelpText(*context.root, *command, words, *context.terminal), context);
  return ExitCode::kSuccess;
}

}  // namespace

std::string FlagSpelling(const Flag& flag) {
  return absl::StrCat(
      flag.short_name == 0
          ? "    "
          : absl::StrCat("-", std::string(1, flag.short_name), ", "),
      "--", flag.name, flag.value.empty() ? "" : " ", flag.value);
}

std::string Synopsis(const Command& command) {
  std::vector<std::string> parts;
  if (!command.flags.empty()) parts.push_back("[FLAGS]");
  if (!command.subcommands.empty()) parts.push_back("COMMAND");
  for (const Argument& argument : command.arguments) {
    const std::string word =
        absl::StrCat(argument.name, argument.repeatable ? "..." : "");
    parts.push_back(argument.required ? word : absl::StrCat("[", word, "]"));
  }
  return absl::StrJoin(parts, " ");
}

std::string HelpText(const Command& root, const Command& command,
                     std::span<const std::string> path,
                     const Terminal& terminal) {
  const int width = std::min(terminal.DataWidth().value_or(kWidest), kWidest);
  const auto title = [&](absl::string_view text) {
    return absl::StrCat("\n", terminal.OnOut(Colour::kBold, text), "\n");
  };
  std::string text = absl::StrCat(command.summary, "\n");
  if (!command.examples.empty()) {
    absl::StrAppend(&text, title("Examples:"));
    for (const Example& example : command.examples) {
      if (!example.note.empty()) {
        absl::StrAppend(&text, "  # ", example.note, "\n");
      }
      absl::StrAppend(&text, "  ", example.command, "\n");
    }
  }
  absl::StrAppend(&text, title("Usage:"), "  orrery ", absl::StrJoin(path, " "),
                  path.empty() ? "" : " ", Synopsis(command), "\n");
  if (!command.description.empty()) {
    absl::StrAppend(
        &text, "\n",
        Wrapped(command.description, static_cast<size_t>(width), ""));
  }
  if (!command.subcommands.empty()) {
    absl::StrAppend(&text, title("Commands:"));
    AppendEntries(SubcommandEntries(command), width, &text);
  }
  if (!command.arguments.empty()) {
    absl::StrAppend(&text, title("Arguments:"));
    std::vector<Entry> entries;
    for (const Argument& argument : command.arguments) {
      entries.emplace_back(argument.name, argument.help);
    }
    AppendEntries(entries, width, &text);
  }
  if (&command != &root && !command.flags.empty()) {
    absl::StrAppend(&text, title("Flags:"));
    AppendEntries(FlagEntries(command), width, &text);
  }
  if (&command == &root) {
    absl::StrAppend(&text, title("Flags of every command:"));
    AppendEntries(FlagEntries(root), width, &text);
    absl::StrAppend(&text,
                    "\n`orrery help COMMAND` says more; also `orrery help "
                    "exit-codes` and\n`orrery help environment`.\n");
  } else {
    absl::StrAppend(&text, "\nFlags of every command: orrery --help\n");
  }
  return text;
}

std::vector<ExitMeaning> ExitMeanings() {
  return {
      {0, "done"},
      {1, "failed"},
      {3, "not found"},
      {4, "conflict, or a precondition does not hold"},
      {5, "not allowed"},
      {7, "timed out, and the server goes on"},
      {10, "refused: trust files"},
      {11, "refused: the log, or it cannot be read"},
      {12, "refused: a record of the log"},
      {13, "refused: policy, name or version"},
      {14, "refused: bytes of a file"},
      {15, "refused: the plan"},
      {16, "refused: a bundle, or offline for too long"},
      {17,
       "refused: a git source: its URL, its content or a rewritten history"},
      {20, "refused: what was seen of a log before, on this machine"},
      {64, "wrong use: an unknown command, flag or option, or nobody to ask"},
      {130, "interrupted"},
  };
}

std::vector<VariableMeaning> VariableMeanings() {
  return {
      {"FORCE_COLOR", "colour also where no terminal is"},
      {"HTTPS_PROXY", "proxy for https servers; HTTP_PROXY for http"},
      {"NO_COLOR", "no colour, when not empty"},
      {"NO_PROXY", "hosts that are reached without a proxy"},
      {"ORRERY_POLICY", "policy file; --policy comes first"},
      {"ORRERY_SERVER", "orreryd to talk to; --server comes first"},
      {"SSL_CERT_FILE", "certificate authorities for https servers"},
      {"XDG_CACHE_HOME",
       "names for completion, and files that were verified, are kept in its "
       "orrery/"},
      {"XDG_CONFIG_HOME", "the policy of the user is its orrery/policy"},
      {"XDG_STATE_HOME",
       "what was seen of each log is kept in its orrery/trust/"},
  };
}

Command HelpCommand() {
  Command command;
  command.name = "help";
  command.summary = "Explain a command or a topic";
  command.examples = {{"orrery help install", ""},
                      {"orrery help exit-codes", ""}};
  command.arguments = {{.name = "COMMAND",
                        .help = "words of a command, exit-codes or environment",
                        .kind = ValueKind::kCommand,
                        .required = false,
                        .repeatable = true}};
  command.run = RunHelp;
  return command;
}

}  // namespace orrery::cli
