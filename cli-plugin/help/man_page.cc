#include "cli-plugin/help/man_page.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/version.h"
#include "cli-plugin/help/help.h"

namespace orrery::cli {
namespace {

// Text that roff prints as it is: a dash that can be copied into a shell, no
// escape, and no request where a line begins.
std::string Roff(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\e"},
                                                   {"-", "\\-"},
                                                   {"'", "\\(aq"},
                                                   {"`", "\\(ga"},
                                                   {"~", "\\(ti"},
                                                   {"^", "\\(ha"}});
  if (absl::StartsWith(escaped, ".")) escaped.insert(0, "\\&");
  return escaped;
}

std::string Section(absl::string_view title) {
  return absl::StrCat(".SH ", title, "\n");
}

std::string Tagged(absl::string_view term, absl::string_view meaning) {
  return absl::StrCat(".TP\n\\fB", Roff(term), "\\fR\n", Roff(meaning), "\n");
}

std::string Paragraphs(absl::string_view text) {
  std::string roff;
  for (const absl::string_view paragraph : absl::StrSplit(text, "\n\n")) {
    if (!roff.empty()) roff += ".PP\n";
    absl::StrAppend(&roff, Roff(paragraph), "\n");
  }
  return roff;
}

std::string FlagsSection(absl::string_view title, const Command& command) {
  if (command.flags.empty()) return "";
  std::string roff = Section(title);
  for (const Flag& flag : command.flags) {
    absl::StrAppend(
        &roff,
        Tagged(absl::StripAsciiWhitespace(FlagSpelling(flag)), flag.help));
  }
  return roff;
}

std::string ExamplesSection(const Command& command) {
  if (command.examples.empty()) return "";
  std::string roff = Section("EXAMPLES");
  for (const Example& example : command.examples) {
    if (!example.note.empty()) absl::StrAppend(&roff, Roff(example.note), "\n");
    absl::StrAppend(&roff, ".PP\n.nf\n.RS\n", Roff(example.command),
                    "\n.RE\n.fi\n");
  }
  return roff;
}

std::string ClosingSections() {
  std::string roff = Section("EXIT STATUS");
  for (const ExitMeaning& exit : ExitMeanings()) {
    absl::StrAppend(&roff, Tagged(absl::StrCat(exit.code), exit.meaning));
  }
  absl::StrAppend(&roff, Section("ENVIRONMENT"));
  for (const VariableMeaning& variable : VariableMeanings()) {
    absl::StrAppend(&roff, Tagged(variable.name, variable.meaning));
  }
  return roff;
}

// Names of the pages of `command` and its neighbours, for SEE ALSO.
std::string SeeAlso(const Command& root, const Command& command,
                    const std::vector<std::string>& path) {
  std::vector<std::string> pages;
  if (!path.empty()) pages.push_back("orrery");
  const std::vector<std::string> prefix(path.begin(), path.end());
  for (const Command& sub : command.subcommands) {
    if (sub.hidden) continue;
    std::vector<std::string> steps = {root.name};
    steps.insert(steps.end(), prefix.begin(), prefix.end());
    steps.push_back(sub.name);
    pages.push_back(absl::StrJoin(steps, "-"));
  }
  if (pages.empty()) return "";
  return absl::StrCat(
      Section("SEE ALSO"),
      absl::StrJoin(pages, ",\n",
                    [](std::string* out, const std::string& page) {
                      absl::StrAppend(out, ".BR ", Roff(page), " (1)");
                    }),
      "\n");
}

std::string PageText(const Command& root, const Command& command,
                     const std::vector<std::string>& path) {
  const std::string words =
      absl::StrCat("orrery", path.empty() ? "" : " ", absl::StrJoin(path, " "));
  const std::string name = absl::StrReplaceAll(words, {{" ", "-"}});
  std::string roff = absl::StrCat(".TH \"", absl::AsciiStrToUpper(name),
                                  "\" \"1\" \"\" \"orrery ", kVersion,
                                  "\" \"Orrery manual\"\n");
  absl::StrAppend(&roff, Section("NAME"), Roff(name), " \\- ",
                  Roff(command.summary), "\n");
  absl::StrAppend(&roff, Section("SYNOPSIS"), "\\fB", Roff(words), "\\fR ",
                  Roff(Synopsis(command)), "\n");
  absl::StrAppend(&roff, Section("DESCRIPTION"),
                  Paragraphs(command.description.empty()
                                 ? absl::StrCat(command.summary, ".")
                                 : command.description));
  if (!command.subcommands.empty()) {
    absl::StrAppend(&roff, Section("COMMANDS"));
    for (const Command& sub : command.subcommands) {
      if (!sub.hidden) absl::StrAppend(&roff, Tagged(sub.name, sub.summary));
    }
  }
  if (!command.arguments.empty()) {
    absl::StrAppend(&roff, Section("ARGUMENTS"));
    for (const Argument& argument : command.arguments) {
      absl::StrAppend(&roff, Tagged(argument.name, argument.help));
    }
  }
  if (&command != &root) {
    absl::StrAppend(&roff, FlagsSection("OPTIONS", command));
  }
  absl::StrAppend(&roff, FlagsSection("OPTIONS OF EVERY COMMAND", root),
                  ExamplesSection(command), ClosingSections(),
                  SeeAlso(root, command, path));
  return roff;
}

void AddPages(const Command& root, const Command& command,
              const std::vector<std::string>& path,
              std::vector<ManPage>* pages) {
  std::vector<std::string> steps = {root.name};
  steps.insert(steps.end(), path.begin(), path.end());
  pages->push_back({absl::StrCat(absl::StrJoin(steps, "-"), ".1"),
                    PageText(root, command, path)});
  for (const Command& sub : command.subcommands) {
    if (sub.hidden) continue;
    std::vector<std::string> below = path;
    below.push_back(sub.name);
    AddPages(root, sub, below, pages);
  }
}

absl::StatusOr<ExitCode> RunMan(const Invocation& invocation,
                                CommandContext& context) {
  const std::filesystem::path directory =
      AbsolutePath(invocation.Word("DIR"), context.working_directory);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::vector<ManPage> pages = ManPages(*context.root);
  for (const ManPage& page : pages) {
    const std::filesystem::path path = directory / page.file_name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << page.text;
    if (!file.flush()) {
      return absl::UnknownError(absl::StrCat("cannot write ", path.string()));
    }
  }
  Print(absl::StrCat("wrote ", pages.size(), " pages to ", directory.string(),
                     "\n"),
        context);
  return ExitCode::kSuccess;
}

}  // namespace

std::vector<ManPage> ManPages(const Command& root) {
  std::vector<ManPage> pages;
  AddPages(root, root, {}, &pages);
  return pages;
}

Command ManCommand() {
  Command command;
  command.name = "man";
  command.summary = "Write the manual pages into a directory";
  command.examples = {{"orrery man ~/.local/share/man/man1", ""}};
  command.arguments = {{.name = "DIR",
                        .help = "directory to write to",
                        .kind = ValueKind::kDirectory}};
  command.run = RunMan;
  return command;
}

}  // namespace orrery::cli
