#include "cli-plugin/source/source_commands.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/source/source_accept_command.h"
#include "cli-plugin/source/source_admit_command.h"
#include "cli-plugin/source/source_request.h"
#include "cli-plugin/source/source_status.h"
#include "cli-plugin/source/source_sync_command.h"
#include "cli-plugin/text/counted.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "catalog/options/shell_word.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using catalog::ShellWord;
using registry::JsonValue;

// A look at the remote may take its 10 seconds, twice.
constexpr absl::Duration kAddTimeout = absl::Seconds(40);

struct FileFlag {
  const char* flag;
  const char* member;
};
constexpr std::array<FileFlag, 5> kFileFlags = {
    {{"token-file", "token_file"},
     {"ssh-key-file", "ssh_key_file"},
     {"known-hosts", "known_hosts_file"},
     {"ca-file", "ca_file"},
     {"webhook-secret-file", "webhook_secret_file"}}};

struct WordFlag {
  const char* flag;
  const char* member;
  // What the server takes when it is not given.
  const char* fallback;
};
constexpr std::array<WordFlag, 3> kWordFlags = {{{"mode", "mode", "immutable"},
                                                 {"admit", "admit", "observed"},
                                                 {"from", "first_commit", ""}}};

absl::StatusOr<JsonValue> AddRequest(const Invocation& invocation,
                                     const CommandContext& context) {
  JsonValue request = JsonValue::Object(
      {{"name", JsonValue::String(invocation.Word("NAME"))},
       {"url", JsonValue::String(AbsoluteUrl(invocation.Word("URL"),
                                             context.working_directory))}});
  for (const char* flag : {"ref", "subdir"}) {
    if (invocation.Has(flag)) {
      request.Set(flag, JsonValue::String(invocation.Text(flag)));
    }
  }
  if (invocation.Has("priority")) {
    int priority = 0;
    if (!absl::SimpleAtoi(invocation.Text("priority"), &priority) ||
        priority < 1) {
      return UsageError("--priority takes a number from 1; lower wins");
    }
    request.Set("priority", JsonValue::Integer(priority));
  }
  for (const WordFlag& word : kWordFlags) {
    if (!invocation.Has(word.flag)) continue;
    request.Set(word.member, JsonValue::String(invocation.Text(word.flag)));
  }
  if (invocation.Has("overlay")) {
    request.Set("overlay_of", JsonValue::String(invocation.Text("overlay")));
  }
  for (const FileFlag& file : kFileFlags) {
    if (!invocation.Has(file.flag)) continue;
    request.Set(file.member,
                JsonValue::String(AbsolutePath(invocation.Text(file.flag),
                                               context.working_directory)));
  }
  if (invocation.Has("no-check")) {
    request.Set("skip_check", JsonValue::Bool(true));
  }
  return request;
}

// What the log will have of the source for ever.
std::string MeaningOfAdd(const JsonValue& request) {
  const std::string admitted = MemberText(request, "admit");
  std::string meaning =
      "its URL, its ref, commit ids and later the names of signers become "
      "permanent, public content of the log";
  if (admitted.empty() || admitted == "observed") {
    absl::StrAppend(&meaning,
                    "; observed: its releases need no signature, so whoever "
                    "can push there decides what is installed");
  }
  return meaning;
}

absl::StatusOr<ExitCode> RunAdd(const Invocation& invocation,
                                CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const JsonValue request,
                          AddRequest(invocation, context));
  const std::string meaning = MeaningOfAdd(request);
  const bool asks = !context.settings->assume_yes && context.terminal->CanAsk();
  if (asks) {
    ORRERY_RETURN_IF_ERROR(context.terminal->Confirm(absl::StrCat(
        meaning, ". Add source ", MemberText(request, "name"), "?")));
  } else if (!context.terminal->writes_json()) {
    // A script has decided.
    context.terminal->Warn(meaning);
  }
  auto added = context.api->Post("/v1/sources", request, kAddTimeout);
  if (!added.ok()) return SourceFailure(added.status());
  if (!asks && context.terminal->writes_json()) {
    context.terminal->Warn(meaning);
  }
  for (const std::string& warning : MemberTexts(*added, "warnings")) {
    context.terminal->Warn(warning);
  }
  const JsonValue& source = MemberOrSelf(*added, "source");
  Answer answer;
  answer.document = source;
  answer.names = {MemberText(source, "name")};
  answer.page =
      absl::StrCat("added source ", OneLine(MemberText(source, "name")), ": ",
                   OneLine(MemberText(source, "url")), " ",
                   OneLine(MemberText(source, "ref")), "\n");
  Print(answer, context);
  context.terminal->Note(
      absl::StrCat("it is being indexed; `orrery source sync ",
                   OneLine(MemberText(source, "name")), "` waits for that"));
  return ExitCode::kSuccess;
}

absl::StatusOr<std::vector<JsonValue>> AllSources(CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> sources,
                          context.api->GetAll("/v1/sources", "sources"));
  if (sources.empty()) {
    context.terminal->Note(
        "there is no source yet; `orrery source add NAME URL` adds one");
  }
  return sources;
}

absl::StatusOr<ExitCode> RunListSources(const Invocation&,
                                        CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> sources, AllSources(context));
  Print(SourceListAnswer(std::move(sources)), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<std::vector<std::string>> ServicesFrom(absl::string_view source,
                                                      CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<JsonValue> services,
      context.api->GetAll("/v1/clusters/-/services", "services"));
  std::vector<std::string> names;
  for (const JsonValue& service : services) {
    if (MemberText(service, "source") == source) {
      names.push_back(MemberText(service, "name"));
    }
  }
  return names;
}

// The command that would add the source as it is.
std::string UndoCommand(const JsonValue& source) {
  std::string command =
      absl::StrCat("orrery source add ", ShellWord(MemberText(source, "name")),
                   " ", ShellWord(MemberText(source, "url")));
  const std::string ref = MemberText(source, "ref");
  if (!ref.empty()) absl::StrAppend(&command, " --ref ", ShellWord(ref));
  const std::string subdir = MemberText(source, "subdir");
  if (!subdir.empty() && subdir != ".") {
    absl::StrAppend(&command, " --subdir ", ShellWord(subdir));
  }
  const std::string priority = MemberText(source, "priority");
  if (!priority.empty() && priority != "100") {
    absl::StrAppend(&command, " --priority ", priority);
  }
  for (const WordFlag& word : kWordFlags) {
    const std::string text = MemberText(source, word.member);
    if (!text.empty() && text != word.fallback) {
      absl::StrAppend(&command, " --", word.flag, " ", ShellWord(text));
    }
  }
  const std::string base = MemberText(source, "overlay_of");
  if (!base.empty()) absl::StrAppend(&command, " --overlay ", ShellWord(base));
  for (const FileFlag& file : kFileFlags) {
    const std::string path = MemberText(source, file.member);
    if (!path.empty()) {
      absl::StrAppend(&command, " --", file.flag, " ", ShellWord(path));
    }
  }
  // One that was never indexed may not pass the check.
  if (MemberText(source, "commit").empty()) command += " --no-check";
  return command;
}

absl::Status ConfirmRemove(const JsonValue& source,
                           const std::vector<std::string>& services,
                           CommandContext& context) {
  if (!services.empty()) {
    context.terminal->Warn(
        absl::StrCat("these services came from it and go on running: ",
                     absl::StrJoin(services, ", ")));
  }
  if (context.settings->assume_yes) return absl::OkStatus();
  const std::string name = MemberText(source, "name");
  if (!context.terminal->CanAsk()) {
    return UsageError(absl::StrCat(
        "removing source ", name,
        " wants a confirmation and nobody can be asked; say --yes"));
  }
  const std::string question = absl::StrCat(
      "Remove source ", name, " (", MemberText(source, "url"), ") with ",
      Counted(MemberText(source, "packages"), "package"), "?");
  return context.terminal->Confirm(question);
}

absl::StatusOr<ExitCode> RunRemove(const Invocation& invocation,
                                   CommandContext& context) {
  const std::string name = invocation.Word("NAME");
  ORRERY_ASSIGN_OR_RETURN(const JsonValue source,
                          context.api->Get(SourcePath(name)));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> services,
                          ServicesFrom(name, context));
  ORRERY_RETURN_IF_ERROR(ConfirmRemove(source, services, context));
  ORRERY_RETURN_IF_ERROR(context.api->Delete(SourcePath(name)).status());
  const std::string undo = UndoCommand(source);
  std::vector<JsonValue> names;
  for (const std::string& service : services) {
    names.push_back(JsonValue::String(service));
  }
  Answer answer;
  answer.document =
      JsonValue::Object({{"removed", JsonValue::String(name)},
                         {"services", JsonValue::Array(std::move(names))},
                         {"undo_command", JsonValue::String(undo)}});
  answer.names = {name};
  answer.page = absl::StrCat("removed source ", OneLine(name),
                             "; this adds it again:\n  ", OneLine(undo), "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunSourceStatus(const Invocation& invocation,
                                         CommandContext& context) {
  if (invocation.Word("NAME").empty()) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> sources,
                            AllSources(context));
    Print(SourcesAnswer(std::move(sources), *context.terminal), context);
    return ExitCode::kSuccess;
  }
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue source, context.api->Get(SourcePath(invocation.Word("NAME"))));
  Print(SourceAnswer(std::move(source), *context.terminal), context);
  return ExitCode::kSuccess;
}

Argument SourceArgument() {
  return {
      .name = "NAME", .help = "name of the source", .kind = ValueKind::kSource};
}

Command AddCommand() {
  Command command;
  command.name = "add";
  command.summary = "Add a git repository of packages";
  command.description =
      "Looks whether the remote answers and has the ref before anything is "
      "stored, and does not wait for the index. Files are read by the server, "
      "at the path given here. URL, ref, commit ids and later the names of "
      "signers become permanent, public content of the server's log, which is "
      "said first; on a terminal, and without --yes, it asks.";
  command.examples = {
      {"orrery source add universe https://github.com/example/universe", ""},
      {"orrery source add mine ./packages --ref main --priority 10", ""},
      {"orrery source add facts ./relations --overlay universe",
       "relations for packages of universe"}};
  command.flags = {
      {.name = "ref",
       .value = "REF",
       .help = "branch, tag or full name (default: the remote's HEAD)"},
      {.name = "subdir",
       .value = "DIR",
       .help = "folder that holds repo/packages (default: the root)"},
      {.name = "priority",
       .value = "N",
       .help = "the lower number wins (default 100)"},
      {.name = "overlay",
       .value = "BASE",
       .help = "it only adds files to releases of the source BASE",
       .kind = ValueKind::kSource},
      {.name = "mode",
       .value = "MODE",
       .help = "immutable: a release that was logged is served for ever as it "
               "is (the default); mutable: other bytes are another revision"},
      {.name = "admit",
       .value = "EVIDENCE",
       .help = "what its releases need to be logged: observed (the default), "
               "sshsig, none"},
      {.name = "from",
       .value = "COMMIT",
       .help = "logs its history from there (default: what its tip has)"},
      {.name = "token-file",
       .value = "FILE",
       .help = "bearer token for https",
       .kind = ValueKind::kFile},
      {.name = "ssh-key-file",
       .value = "FILE",
       .help = "private key for ssh",
       .kind = ValueKind::kFile},
      {.name = "known-hosts",
       .value = "FILE",
       .help = "host keys for ssh",
       .kind = ValueKind::kFile},
      {.name = "ca-file",
       .value = "FILE",
       .help = "certificate authorities for https",
       .kind = ValueKind::kFile},
      {.name = "webhook-secret-file",
       .value = "FILE",
       .help = "secret that notifications of its server are signed with",
       .kind = ValueKind::kFile},
      {.name = "no-check", .help = "store it without looking at the remote"}};
  command.arguments = {
      {.name = "NAME", .help = "name for the source: a-z, 0-9 and dashes"},
      {.name = "URL",
       .help = "path, file://, https://, ssh:// or user@host:path",
       .kind = ValueKind::kDirectory}};
  command.run = RunAdd;
  return command;
}

Command RemoveCommand() {
  Command command;
  command.name = "remove";
  command.summary = "Take a source and its releases out of the catalogue";
  command.description =
      "Lists the services that came from it, which go on running, and prints "
      "the command that adds it again.";
  command.examples = {{"orrery source remove mine --yes", ""}};
  command.arguments = {SourceArgument()};
  command.run = RunRemove;
  return command;
}

}  // namespace

Command SourceCommand() {
  Command command;
  command.name = "source";
  command.aliases = {"repo", "sources"};
  command.summary = "Manage the git repositories that packages come from";
  Command list;
  list.name = "list";
  list.summary = "List the sources, by priority";
  list.examples = {{"orrery source list", ""}};
  list.run = RunListSources;
  Command status;
  status.name = "status";
  status.summary = "Show a source, or all: state, counts, refused releases";
  status.examples = {{"orrery source status universe -o json", ""}};
  status.arguments = {SourceArgument()};
  status.arguments.front().required = false;
  status.run = RunSourceStatus;
  command.subcommands = {SourceAcceptCommand(), AddCommand(),
                         SourceAdmitCommand(),  std::move(list),
                         RemoveCommand(),       SourceSyncCommand(),
                         std::move(status)};
  return command;
}

}  // namespace orrery::cli
