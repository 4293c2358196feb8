#include "cli-plugin/service/resolve_command.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/service/lock_flags.h"
#include "cli-plugin/service/plan_text.h"
#include "cli-plugin/service/resolve_flags.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/source/stalled_sources.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/text/problem.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kResolveTimeout = absl::Minutes(1);

bool IsForPeople(const CommandContext& context) {
  return context.settings->output == OutputFormat::kTable ||
         context.settings->output == OutputFormat::kWide;
}

std::string WhyText(const JsonValue& item) {
  std::string why = absl::StrJoin(MemberTexts(item, "why"), ", ");
  return why;
}

// Which options come from where: `kafka: /uri = connect of zookeeper`.
std::string BindingsText(const JsonValue& answer) {
  std::string text;
  for (const JsonValue& item : MemberItems(answer, "items")) {
    for (const JsonValue& binding : MemberItems(item, "bindings")) {
      const bool overridden = MemberText(binding, "overridden") == "true";
      absl::StrAppend(&text, OneLine(MemberText(item, "node")), ": ",
                      OneLine(MemberText(binding, "option")), " = ",
                      OneLine(MemberText(binding, "output")), " of ",
                      OneLine(MemberText(binding, "provider")),
                      overridden ? ", which your options override"
                      : MemberText(binding, "known") == "running"
                          ? ", known when it runs"
                          : "",
                      "\n");
    }
  }
  return text;
}

std::string RemarksText(const JsonValue& answer) {
  std::string text = BindingsText(answer);
  for (const JsonValue& held : MemberItems(answer, "held")) {
    absl::StrAppend(&text, HeldText(held), "\n");
  }
  for (const JsonValue& item : MemberItems(answer, "items")) {
    const std::string reason = MemberText(item, "reason");
    if (!reason.empty()) {
      absl::StrAppend(&text, OneLine(MemberText(item, "action")), " ",
                      OneLine(MemberText(item, "node")), ": ", OneLine(reason),
                      "\n");
    }
    for (const JsonValue& note : MemberItems(item, "notes")) {
      absl::StrAppend(&text, "note: ", OneLine(MemberText(note, "text")), "\n");
    }
  }
  for (const JsonValue& note : MemberItems(answer, "notes")) {
    absl::StrAppend(&text, "note: ", OneLine(MemberText(note, "text")), "\n");
  }
  return text;
}

Answer SolvedAnswer(const JsonValue& answer) {
  Answer shown;
  shown.lines_member = "items";
  shown.table.columns = {{"NODE"},    {"ACTION"}, {"VERSION"},
                         {"RELEASE"}, {"WHY"},    {"SOURCE", true}};
  for (const JsonValue& item : MemberItems(answer, "items")) {
    const JsonValue& from = MemberOrSelf(item, "from");
    const bool goes = MemberText(item, "action") == "remove";
    shown.names.push_back(MemberText(item, "node"));
    shown.table.rows.push_back(
        {{MemberText(item, "node"), Colour::kBold},
         {MemberText(item, "action")},
         {goes ? MemberText(from, "version") : MemberText(item, "version")},
         {goes ? MemberText(from, "release") : MemberText(item, "release")},
         {WhyText(item)},
         {MemberText(item, "source")}});
  }
  shown.document = answer;
  return shown;
}

// 3 when an item names what nobody has, else 4; 1 when it gave up.
ExitCode CodeOf(const JsonValue& answer) {
  const std::string status = MemberText(answer, "status");
  if (status == "solved") return ExitCode::kSuccess;
  if (status == "gave_up") return ExitCode::kFailure;
  const JsonValue* unknown = answer.Find("unknown");
  return unknown != nullptr && !unknown->members().empty()
             ? ExitCode::kNotFound
             : ExitCode::kConflict;
}

// `did you mean kafka?` for each name that nobody has.
std::string DidYouMean(const JsonValue& answer) {
  std::string text;
  const JsonValue* unknown = answer.Find("unknown");
  if (unknown == nullptr) return text;
  for (const JsonValue::Member& name : unknown->members()) {
    if (name.value.items().empty()) continue;
    std::vector<std::string> nearest;
    for (const JsonValue& item : name.value.items()) {
      nearest.push_back(item.text());
    }
    absl::StrAppend(&text, "\ndid you mean ", absl::StrJoin(nearest, ", "),
                    " instead of ", name.name, "?");
  }
  return text;
}

absl::Status Refusal(const JsonValue& answer) {
  if (MemberText(answer, "status") == "gave_up") {
    return absl::ResourceExhaustedError(absl::StrCat(
        "gave up: neither an answer nor a proof that there is none was found "
        "within the ",
        MemberText(answer, "limit"),
        "; ask for less at once, or name ranges or a lock, so that there is "
        "less to choose from"));
  }
  return WithExitCode(absl::FailedPreconditionError(absl::StrCat(
                          MemberText(answer, "text"), DidYouMean(answer))),
                      CodeOf(answer));
}

// An answer that is no table.
ExitCode PrintDocument(JsonValue document, ExitCode code,
                       CommandContext& context) {
  Answer shown;
  shown.document = std::move(document);
  Print(shown, context);
  return code;
}

absl::StatusOr<ExitCode> RunResolve(const Invocation& invocation,
                                    CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue request,
      ResolveRequest(invocation.Words("PKG"), invocation, context));
  ORRERY_RETURN_IF_ERROR(AddLock(invocation, context, &request));
  const absl::StatusOr<JsonValue> posted =
      context.api->Post("/v1/resolve", request, kResolveTimeout);
  if (!posted.ok()) {
    const absl::Status failure = NameLock(posted.status(), invocation);
    // That a lock does not hold is the answer of --locked.
    if (IsForPeople(context) || ReasonOf(failure) != "LOCK_REFUSED") {
      return failure;
    }
    return PrintDocument(ProblemDocument(failure), ExitCodeOf(failure),
                         context);
  }
  const JsonValue& answer = *posted;
  if (MemberText(answer, "status") != "solved") {
    if (IsForPeople(context)) return Refusal(answer);
    return PrintDocument(answer, CodeOf(answer), context);
  }
  ORRERY_RETURN_IF_ERROR(
      WriteLock(invocation, request, MemberText(answer, "lock"), context));
  const Answer shown = SolvedAnswer(answer);
  Print(shown, context);
  const std::string remarks = RemarksText(answer);
  if (IsForPeople(context) && !remarks.empty()) {
    Print(absl::StrCat("\n", remarks), context);
  }
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunWhy(const Invocation& invocation,
                                CommandContext& context) {
  const std::string node = invocation.Word("SERVICE");
  std::vector<std::string> items = invocation.Texts("for");
  ORRERY_ASSIGN_OR_RETURN(JsonValue request,
                          ResolveRequest(items, invocation, context));
  // Without a question of its own it is about what runs, or is locked.
  if (items.empty()) request.Set("installed", JsonValue::Bool(true));
  ORRERY_RETURN_IF_ERROR(ReadLock(invocation, context, &request));
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue answer,
      context.api->Post("/v1/why",
                        JsonValue::Object({{"node", JsonValue::String(node)},
                                           {"request", std::move(request)}}),
                        kResolveTimeout));
  Answer shown;
  shown.names = {MemberText(answer, "node")};
  for (const JsonValue& chain : MemberItems(answer, "chains")) {
    std::string indent;
    for (const JsonValue& step : chain.items()) {
      absl::StrAppend(&shown.page, indent, OneLine(MemberText(step, "node")),
                      " ", OneLine(MemberText(step, "version")), "  (",
                      OneLine(MemberText(step, "requirement")), ")\n");
      indent += "  ";
    }
  }
  const std::string source = MemberText(answer, "source_reason");
  if (!source.empty()) {
    absl::StrAppend(&shown.page, OneLine(MemberText(answer, "node")), " comes ",
                    OneLine(source), "\n");
  }
  shown.document = std::move(answer);
  Print(shown, context);
  return ExitCode::kSuccess;
}

// What keeps the service where it is, that it would not be chosen any more, and
// that what it could be has failed.
std::string HeldCell(const JsonValue& service) {
  std::vector<std::string> reasons;
  if (std::string held = MemberText(service, "held"); !held.empty()) {
    reasons.push_back(std::move(held));
  }
  for (const JsonValue& note : MemberItems(service, "notes")) {
    const std::string code = MemberText(note, "code");
    if (code != "not-admitted" && code != "yanked" && code != "failed-here") {
      continue;
    }
    reasons.push_back(MemberText(note, "text"));
  }
  return absl::StrJoin(reasons, "; ");
}

// The label, and the source if it is another one than the service can follow.
std::string NewestCell(const JsonValue& service) {
  const JsonValue& newest = MemberOrSelf(service, "newest");
  const std::string version = MemberText(newest, "version");
  const std::string source = MemberText(newest, "source");
  return source == MemberText(MemberOrSelf(service, "reachable"), "source")
             ? version
             : absl::StrCat(version, " of source ", source);
}

absl::StatusOr<ExitCode> RunOutdated(const Invocation& invocation,
                                     CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue answer,
      context.api->Get(
          absl::StrCat("/v1/clusters/", PercentEncoded(ClusterOf(invocation)),
                       "/outdated"),
          {}, kResolveTimeout));
  Answer shown;
  shown.lines_member = "services";
  shown.table.columns = {
      {"SERVICE"}, {"RUNS"}, {"REACHABLE"}, {"NEWEST"}, {"HELD BACK BY"}};
  for (const JsonValue& service : MemberItems(answer, "services")) {
    shown.names.push_back(MemberText(service, "node"));
    shown.table.rows.push_back(
        {{MemberText(service, "node"), Colour::kBold},
         {MemberText(service, "version")},
         {MemberText(MemberOrSelf(service, "reachable"), "version")},
         {NewestCell(service)},
         {HeldCell(service)}});
  }
  WarnOfStalledSources(context);
  shown.document = std::move(answer);
  Print(shown, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command ResolveCommand() {
  Command command;
  command.name = "resolve";
  command.summary = "Say which releases run together, and change nothing";
  command.description =
      "Finds the releases that packages need beside themselves, in the order "
      "in "
      "which they would start, with the options that one fills from the output "
      "of another. When nothing fits, it says which facts do not, and exits "
      "with 4; with 3 when a package is not there at all. With -o json the "
      "answer goes to standard output in any case.";
  command.examples = {
      {"orrery resolve kafka", "on an empty cluster"},
      {"orrery resolve 'kafka@>=2.0' cassandra --installed",
       "beside what runs"},
      {"orrery resolve kong --no-cluster --exclude postgresql", ""},
      {"orrery resolve 'hdfs[kerberos]@^2' -o json", ""},
      {"orrery resolve kafka --lock kafka.lock", "and again with --locked"}};
  command.flags = ResolveFlags();
  for (Flag& flag : LockFlags()) command.flags.push_back(std::move(flag));
  command.arguments = {
      {.name = "PKG",
       .help = "name, name[FEATURE], name@RANGE, name@SERVICE or cap:NAME",
       .kind = ValueKind::kPackage,
       .required = false,
       .repeatable = true}};
  command.run = RunResolve;
  return command;
}

Command WhyCommand() {
  Command command;
  command.name = "why";
  command.summary = "Say what a service is there for";
  command.description =
      "Prints the shortest chains that lead to a service from what runs or, "
      "with --for, from what would be asked for; with --lock those that the "
      "lock file has. Says at the end which source it comes from, and why.";
  command.examples = {
      {"orrery why zookeeper", "of what runs"},
      {"orrery why kafka-zookeeper --for kafka --no-cluster", ""},
      {"orrery why kafka-zookeeper --lock kafka.lock", ""}};
  command.flags = ResolveFlags();
  command.flags.push_back({.name = "for",
                           .value = "PKG",
                           .help = "as if this were asked for",
                           .kind = ValueKind::kPackage,
                           .repeatable = true});
  command.flags.push_back({.name = "lock",
                           .value = "FILE",
                           .help = "what FILE locks, not what runs",
                           .kind = ValueKind::kFile});
  command.arguments = {{.name = "SERVICE",
                        .help = "package, or package@service",
                        .kind = ValueKind::kService}};
  command.run = RunWhy;
  return command;
}

Command OutdatedCommand() {
  Command command;
  command.name = "outdated";
  command.summary = "Compare what runs with what there is";
  command.description =
      "For every service: what it runs, the newest release that it can get "
      "with the least change, the newest there is, and what holds it back.";
  command.examples = {{"orrery outdated", ""}};
  command.flags = {ClusterFlag()};
  command.run = RunOutdated;
  return command;
}

}  // namespace orrery::cli
