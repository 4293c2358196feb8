#include "cli-plugin/command/command_line.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

struct KnownApp {
  CLI::App* app;
  const Command* command;
  std::map<const CLI::Option*, const Flag*> flags;
  std::map<const CLI::Option*, const Argument*> arguments;
};

std::string OptionName(const Flag& flag) {
  std::string name = absl::StrCat("--", flag.name);
  if (flag.short_name != 0) {
    absl::StrAppend(&name, ",-", std::string(1, flag.short_name));
  }
  for (const std::string& alias : flag.aliases) {
    absl::StrAppend(&name, ",--", alias);
  }
  return name;
}

void AddFlags(KnownApp* known) {
  for (const Flag& flag : known->command->flags) {
    CLI::Option* option = flag.value.empty()
                              ? known->app->add_flag(OptionName(flag))
                              : known->app->add_option(OptionName(flag));
    if (!flag.value.empty()) option->expected(1);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    known->flags[option] = &flag;
  }
}

void AddArguments(KnownApp* known) {
  for (const Argument& argument : known->command->arguments) {
    CLI::Option* option = known->app->add_option(argument.name);
    option->expected(1);
    option->allow_extra_args(argument.repeatable);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    known->arguments[option] = &argument;
  }
}

void AddCommand(CLI::App* app, const Command& command,
                std::vector<KnownApp>* apps) {
  KnownApp known{app, &command, {}, {}};
  AddFlags(&known);
  AddArguments(&known);
  apps->push_back(std::move(known));
  app->fallthrough();
  app->require_subcommand(0, 1);
  for (const Command& sub : command.subcommands) {
    CLI::App* child = app->add_subcommand(sub.name);
    for (const std::string& alias : sub.aliases) child->alias(alias);
    AddCommand(child, sub, apps);
  }
}

std::string DidYouMean(absl::string_view word,
                       const std::vector<std::string>& known,
                       absl::string_view prefix = "") {
  const std::vector<std::string> near = resolver::NearestWords(word, known);
  if (near.empty()) return "";
  return absl::StrCat(", did you mean ", prefix, near.front(), "?");
}

std::string CommandText(const std::vector<std::string>& path) {
  return path.empty() ? "orrery"
                      : absl::StrCat("orrery ", absl::StrJoin(path, " "));
}

absl::Status UnknownFlag(absl::string_view word, const Command& root,
                         const Command& command,
                         const std::vector<std::string>& path) {
  const absl::string_view name = absl::StripLeadingAsciiWhitespace(
      word.substr(word.find_first_not_of('-')));
  std::vector<std::string> known;
  for (const Command* one : {&command, &root}) {
    for (const Flag& flag : one->flags) known.push_back(flag.name);
  }
  const absl::string_view stem = name.substr(0, name.find('='));
  return UsageError(absl::StrCat(
      "`", CommandText(path), "` has no flag ", word.substr(0, word.find('=')),
      DidYouMean(stem, known, "--"), "; see `", CommandText(path), " --help`"));
}

absl::Status UnknownWord(const std::string& word, const Command& command,
                         const std::vector<std::string>& path) {
  if (command.subcommands.empty()) {
    return UsageError(absl::StrCat("`", CommandText(path),
                                   "` does not take the argument \"", word,
                                   "\"; see `", CommandText(path), " --help`"));
  }
  std::vector<std::string> known;
  for (const Command& sub : command.subcommands) {
    if (sub.hidden) continue;
    known.push_back(sub.name);
    known.insert(known.end(), sub.aliases.begin(), sub.aliases.end());
  }
  return UsageError(absl::StrCat("`", CommandText(path), "` has no command \"",
                                 word, "\"", DidYouMean(word, known), "; see `",
                                 CommandText(path), " --help`"));
}

// The first word that nothing took. Words behind an unknown command are not
// judged: they would belong to it.
absl::Status ExplainExtras(const std::vector<std::string>& extras,
                           const Command& root, const Command& command,
                           const std::vector<std::string>& path) {
  const std::string& first = extras.front();
  if (first.size() > 1 && first[0] == '-') {
    return UnknownFlag(first, root, command, path);
  }
  return UnknownWord(first, command, path);
}

// `--ref=` would make CLI11 take the next word for the value.
absl::Status CheckEmptyValues(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word.size() > 3 && absl::StartsWith(word, "--") &&
        word.find('=') == word.size() - 1) {
      return UsageError(absl::StrCat("flag ", word, " has no value"));
    }
  }
  return absl::OkStatus();
}

// The results of `app` in the order they were given.
void Collect(const KnownApp& known, std::vector<Invocation::Given>* flags,
             std::vector<Invocation::Given>* arguments) {
  std::map<const CLI::Option*, size_t> taken;
  for (const CLI::Option* option : known.app->parse_order()) {
    const size_t index = taken[option]++;
    if (index >= option->results().size()) continue;
    const std::string& value = option->results()[index];
    if (auto flag = known.flags.find(option); flag != known.flags.end()) {
      flags->push_back({flag->second->name, value});
    } else if (auto argument = known.arguments.find(option);
               argument != known.arguments.end()) {
      arguments->push_back({argument->second->name, value});
    }
  }
}

absl::Status CheckSwitches(const KnownApp& known) {
  for (const auto& [option, flag] : known.flags) {
    if (!flag->value.empty() || !flag->optional_value.empty()) continue;
    for (const std::string& value : option->results()) {
      if (value == "true" || value == "false") continue;
      return UsageError(
          absl::StrCat("--", flag->name, " takes no value but true or false"));
    }
  }
  return absl::OkStatus();
}

// A variable that a script forgot to set is no name of anything.
absl::Status CheckNotEmpty(const Invocation& invocation) {
  for (const Argument& argument : invocation.command().arguments) {
    if (!argument.required || argument.repeatable) continue;
    if (invocation.Word(argument.name).empty()) {
      return UsageError(absl::StrCat(argument.name, " (", argument.help,
                                     ") must not be empty"));
    }
  }
  for (const Flag& flag : invocation.command().flags) {
    if (flag.value.empty() || !invocation.Has(flag.name)) continue;
    if (invocation.Text(flag.name).empty()) {
      return UsageError(absl::StrCat("flag --", flag.name, " has no value"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRequired(const Invocation& invocation) {
  for (const Argument& argument : invocation.command().arguments) {
    if (!argument.required || !invocation.Words(argument.name).empty()) {
      continue;
    }
    return UsageError(absl::StrCat(
        "`", CommandText(invocation.path()), "` needs ", argument.name, " (",
        argument.help, "); see `", CommandText(invocation.path()), " --help`"));
  }
  return absl::OkStatus();
}

// The first argument of `command` that can still take a word, or null.
const Argument* FreeArgument(const Command& command,
                             const std::vector<Invocation::Given>& taken) {
  for (const Argument& argument : command.arguments) {
    const auto is_this = [&](const Invocation::Given& given) {
      return given.name == argument.name;
    };
    if (argument.repeatable ||
        std::none_of(taken.begin(), taken.end(), is_this)) {
      return &argument;
    }
  }
  return nullptr;
}

// Words behind `--`, which are commands and arguments whatever they look like.
// Left to CLI11, the root would read them as flags again. Gives the command
// that they lead to.
absl::StatusOr<const Command*> TakeLiteralWords(
    std::span<const std::string> words, const Command* command,
    std::vector<std::string>* path, std::vector<Invocation::Given>* arguments) {
  for (const std::string& word : words) {
    if (const Command* sub = FindSubcommand(*command, word); sub != nullptr) {
      command = sub;
      path->push_back(sub->name);
      continue;
    }
    const Argument* argument = FreeArgument(*command, *arguments);
    if (argument == nullptr) return UnknownWord(word, *command, *path);
    arguments->push_back({argument->name, word});
  }
  return command;
}

// CLI11 speaks of "--name: 1 required TEXT missing"; say which one and what.
absl::Status ParseWithCli11(CLI::App* app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());
  try {
    app->parse(words);
  } catch (const CLI::ExtrasError&) {
    return absl::OkStatus();
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    return UsageError(absl::StrCat("flag ", text.substr(0, text.find(':')),
                                   " needs a value"));
  } catch (const CLI::Error& error) {
    return UsageError(error.what());
  }
  return absl::OkStatus();
}

// Which subcommand was named, level by level; the last is the one to run.
std::vector<const KnownApp*> ChosenApps(const std::vector<KnownApp>& apps) {
  std::vector<const KnownApp*> chosen = {&apps.front()};
  while (true) {
    const auto subs = chosen.back()->app->get_subcommands();
    if (subs.empty()) return chosen;
    const auto next = std::find_if(
        apps.begin(), apps.end(),
        [&](const KnownApp& known) { return known.app == subs.front(); });
    chosen.push_back(&*next);
  }
}

}  // namespace

absl::StatusOr<Invocation> ParseCommandLine(
    const Command& root, std::span<const std::string> words) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  const std::span<const std::string> literal(
      dashes == words.end() ? dashes : dashes + 1, words.end());
  words = std::span<const std::string>(words.begin(), dashes);
  ORRERY_RETURN_IF_ERROR(CheckEmptyValues(words));
  CLI::App app;
  // --help is a flag of the tree like others; the library's own would throw.
  app.set_help_flag("");
  std::vector<KnownApp> apps;
  AddCommand(&app, root, &apps);
  ORRERY_RETURN_IF_ERROR(ParseWithCli11(
      &app, std::vector<std::string>(words.begin(), words.end())));
  std::vector<std::string> path;
  std::vector<Invocation::Given> flags;
  std::vector<Invocation::Given> arguments;
  const std::vector<const KnownApp*> chosen = ChosenApps(apps);
  for (const KnownApp* known : chosen) {
    if (known != chosen.front()) path.push_back(known->command->name);
    ORRERY_RETURN_IF_ERROR(CheckSwitches(*known));
    Collect(*known, &flags, &arguments);
  }
  const Command* command = chosen.back()->command;
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  if (!extras.empty()) return ExplainExtras(extras, root, *command, path);
  ORRERY_ASSIGN_OR_RETURN(
      command, TakeLiteralWords(literal, command, &path, &arguments));
  Invocation invocation(command, std::move(path), std::move(flags),
                        std::move(arguments));
  if (invocation.Has("help")) return invocation;
  ORRERY_RETURN_IF_ERROR(CheckRequired(invocation));
  ORRERY_RETURN_IF_ERROR(CheckNotEmpty(invocation));
  return invocation;
}

}  // namespace orrery::cli
