#include "cli-plugin/command/command_tree.h"

#include <algorithm>

namespace orrery::cli {
namespace {

std::vector<std::string> ValuesOf(const std::vector<Invocation::Given>& given,
                                  absl::string_view name) {
  std::vector<std::string> values;
  for (const Invocation::Given& one : given) {
    if (one.name == name) values.push_back(one.value);
  }
  return values;
}

}  // namespace

const Command* FindSubcommand(const Command& command, absl::string_view word) {
  for (const Command& sub : command.subcommands) {
    if (sub.name == word) return &sub;
    for (const std::string& alias : sub.aliases) {
      if (alias == word) return &sub;
    }
  }
  return nullptr;
}

const Command* FindCommand(const Command& root,
                           std::span<const std::string> words) {
  const Command* command = &root;
  for (const std::string& word : words) {
    command = FindSubcommand(*command, word);
    if (command == nullptr) return nullptr;
  }
  return command;
}

std::vector<std::string> SubcommandNames(const Command& command) {
  std::vector<std::string> names;
  for (const Command& sub : command.subcommands) {
    if (!sub.hidden) names.push_back(sub.name);
  }
  return names;
}

const Flag* FindFlag(const Command& command, absl::string_view name) {
  for (const Flag& flag : command.flags) {
    if (flag.name == name) return &flag;
    if (std::count(flag.aliases.begin(), flag.aliases.end(), name) > 0) {
      return &flag;
    }
  }
  return nullptr;
}

bool Invocation::Has(absl::string_view flag) const {
  const std::vector<std::string> values = ValuesOf(flags_, flag);
  return !values.empty() && values.back() != "false";
}

int Invocation::Count(absl::string_view flag) const {
  return static_cast<int>(ValuesOf(flags_, flag).size());
}

std::string Invocation::Text(absl::string_view flag,
                             absl::string_view fallback) const {
  std::vector<std::string> values = ValuesOf(flags_, flag);
  return values.empty() ? std::string(fallback) : std::move(values.back());
}

std::vector<std::string> Invocation::Texts(absl::string_view flag) const {
  return ValuesOf(flags_, flag);
}

std::string Invocation::Word(absl::string_view name) const {
  std::vector<std::string> values = ValuesOf(arguments_, name);
  return values.empty() ? "" : std::move(values.back());
}

std::vector<std::string> Invocation::Words(absl::string_view name) const {
  return ValuesOf(arguments_, name);
}

}  // namespace orrery::cli
