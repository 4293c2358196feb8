#include "cli-plugin/install_command.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/install_options.h"
#include "cli-plugin/json_member.h"
#include "cli-plugin/operation_watch.h"
#include "cli-plugin/package_reference.h"
#include "cli-plugin/printable.h"
#include "cli-plugin/service_commands.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kPlanTimeout = absl::Minutes(1);
constexpr size_t kShortId = 12;

// An installation on its way from the command line to the server.
struct Installing {
  PackageReference reference;
  std::string cluster;
  std::string service;
  // The release as `show` gives it; null when the catalogue has none.
  JsonValue release;
  // InstallServiceRequest without validate_only and plan_id.
  JsonValue request;
};

std::string ServicesPath(const Installing& installing) {
  return absl::StrCat("/v1/clusters/", PercentEncoded(installing.cluster),
                      "/services");
}

// The release to install, for its schema and notes. One that has left the
// catalogue is null: whether the service is there already is the server's to
// say, and so is that the package is unknown. Single options need the schema.
absl::StatusOr<JsonValue> GetRelease(const PackageReference& reference,
                                     const Invocation& invocation,
                                     CommandContext& context) {
  Query query;
  if (!reference.range.empty()) query.push_back({"range", reference.range});
  auto release =
      context.api->Get(absl::StrCat("/v1/packages/", reference.name), query);
  if (absl::IsNotFound(release.status()) && !invocation.Has("set")) {
    return JsonValue();
  }
  return release;
}

absl::StatusOr<Installing> Prepare(const Invocation& invocation,
                                   CommandContext& context) {
  Installing installing;
  ORRERY_ASSIGN_OR_RETURN(installing.reference,
                          ParsePackageReference(invocation.Word("PACKAGE")));
  if (invocation.Has("package-version")) {
    installing.reference.range =
        absl::StrCat("=", invocation.Text("package-version"));
  }
  installing.cluster = ClusterOf(invocation);
  installing.service = invocation.Text("name", installing.reference.name);
  ORRERY_ASSIGN_OR_RETURN(installing.release, GetRelease(installing.reference,
                                                         invocation, context));
  const JsonValue* config = installing.release.Find("config");
  ORRERY_ASSIGN_OR_RETURN(
      InstallOptions built,
      BuildInstallOptions(invocation.flags(),
                          config == nullptr ? JsonValue() : *config,
                          context.terminal->streams().read_all));
  for (const std::string& warning : built.warnings) {
    context.terminal->Warn(warning);
  }
  installing.request = JsonValue::Object(
      {{"package", JsonValue::String(installing.reference.name)},
       {"range", JsonValue::String(installing.reference.range)},
       {"service", JsonValue::String(installing.service)},
       {"options", std::move(built.options)},
       {"allow_unknown_options",
        JsonValue::Bool(invocation.Has("allow-unknown-options"))}});
  return installing;
}

std::string StepText(const JsonValue& step) {
  const std::string instances = MemberText(step, "instances");
  std::string text = OneLine(absl::StrCat(
      MemberText(step, "action"), " ", MemberText(step, "service"), " on ",
      MemberText(step, "cluster"), ": ", MemberText(step, "package"), " ",
      MemberText(step, "version"), " (release ", MemberText(step, "release"),
      ") from source ", MemberText(step, "source"), ", ", instances,
      instances == "1" ? " instance" : " instances"));
  const JsonValue* computed = step.Find("computed");
  if (computed != nullptr && !computed->members().empty()) {
    absl::StrAppend(&text, "\n  with ",
                    Printable(registry::WriteJson(*computed)));
  }
  for (const JsonValue& late : MemberItems(step, "late")) {
    absl::StrAppend(&text, "\n  ", OneLine(MemberText(late, "option")), " = ",
                    OneLine(MemberText(late, "output")), " of ",
                    OneLine(MemberText(late, "provider")), ", when it runs");
  }
  for (const JsonValue& option : MemberItems(step, "undeclared_options")) {
    const JsonValue* value = option.Find("value");
    absl::StrAppend(
        &text, "\n  undeclared option ", OneLine(MemberText(option, "pointer")),
        " = ",
        value == nullptr ? "null" : Printable(registry::WriteJson(*value)),
        " (", OneLine(MemberText(option, "type")), ")");
  }
  return text;
}

std::string PlanText(const JsonValue& plan) {
  std::string text =
      absl::StrCat("plan ", MemberText(plan, "id").substr(0, kShortId), ":");
  for (const JsonValue& step : MemberItems(plan, "steps")) {
    absl::StrAppend(&text, "\n", StepText(step));
  }
  return text;
}

void TellBefore(const JsonValue& plan, const Installing& installing,
                Terminal& terminal) {
  const JsonValue& package = MemberOrSelf(installing.release, "package");
  const std::string notes = MemberText(package, "preInstallNotes");
  if (!notes.empty()) terminal.Note(Printable(notes));
  for (const std::string& warning : MemberTexts(plan, "warnings")) {
    terminal.Warn(warning);
  }
}

// Shows the plan, in any case to somebody who is asked.
absl::Status ShowAndConfirm(const JsonValue& plan, const Installing& installing,
                            CommandContext& context) {
  const bool asks = !context.settings->assume_yes && context.terminal->CanAsk();
  if (asks) {
    return context.terminal->Confirm(absl::StrCat(PlanText(plan), "\nGo on?"));
  }
  context.terminal->Note(PlanText(plan));
  if (context.settings->assume_yes) return absl::OkStatus();
  return UsageError(
      absl::StrCat("installing ", installing.service,
                   " wants a confirmation and nobody can be asked; say --yes"));
}

absl::StatusOr<ExitCode> PrintService(const Installing& installing,
                                      CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue service,
      context.api->Get(ServicePath(installing.cluster, installing.service)));
  Print(ServiceAnswer(std::move(service), context), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> NothingToDo(const Installing& installing,
                                     CommandContext& context) {
  context.terminal->Note(absl::StrCat(
      installing.service, " is already installed with these options"));
  return PrintService(installing, context);
}

absl::StatusOr<ExitCode> RunInstall(const Invocation& invocation,
                                    CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const Installing installing,
                          Prepare(invocation, context));
  JsonValue planning = installing.request;
  planning.Set("validate_only", JsonValue::Bool(true));
  ORRERY_ASSIGN_OR_RETURN(
      const JsonValue planned,
      context.api->Post(ServicesPath(installing), planning, kPlanTimeout));
  const JsonValue& plan = MemberOrSelf(planned, "plan");
  if (MemberItems(plan, "steps").empty()) {
    return NothingToDo(installing, context);
  }
  TellBefore(plan, installing, *context.terminal);
  if (invocation.Has("dry-run")) {
    Answer answer;
    answer.document = plan;
    answer.page = absl::StrCat(PlanText(plan), "\n");
    answer.names = {MemberText(plan, "id")};
    Print(answer, context);
    return ExitCode::kSuccess;
  }
  ORRERY_RETURN_IF_ERROR(ShowAndConfirm(plan, installing, context));
  JsonValue request = installing.request;
  request.Set("plan_id", JsonValue::String(MemberText(plan, "id")));
  const absl::StatusOr<JsonValue> started =
      context.api->Post(ServicesPath(installing), request, kPlanTimeout);
  if (absl::IsCancelled(started.status())) {
    return absl::CancelledError(absl::StrCat(
        "interrupted before the server answered; if it has heard, the server "
        "goes on installing ",
        installing.service, ": see `orrery status ", installing.service, "`"));
  }
  ORRERY_RETURN_IF_ERROR(started.status());
  const JsonValue* operation = started->Find("operation");
  if (operation == nullptr || !operation->is_object()) {
    return NothingToDo(installing, context);
  }
  if (invocation.Has("no-wait")) {
    context.terminal->Note(absl::StrCat(
        "operation ", MemberText(*operation, "name"),
        " is under way; see `orrery status ", installing.service, "`"));
    return PrintService(installing, context);
  }
  ORRERY_RETURN_IF_ERROR(
      WaitForOperation(
          *operation, context.settings->timeout.value_or(kDefaultWait), context)
          .status());
  const JsonValue& package = MemberOrSelf(installing.release, "package");
  const std::string notes = MemberText(package, "postInstallNotes");
  if (!notes.empty()) context.terminal->Note(Printable(notes));
  return PrintService(installing, context);
}

}  // namespace

Command InstallCommand() {
  Command command;
  command.name = "install";
  command.summary =
      "Install a package as a service and wait until it is healthy";
  command.description =
      "Plans first, shows the plan, asks, and then does exactly what was "
      "shown. "
      "PATH of an option is dotted (service.mem; \\. is a dot in a name) or a "
      "JSON pointer (/service/mem); VALUE is read by the type that the package "
      "declares there.\n\n"
      "Services that the package needs and that are not there are part of the "
      "plan: they start first, and their outputs fill the options that the "
      "package binds to them.\n\n"
      "A service that is already there with an allowed release and the same "
      "options is left alone. One that differs is never changed in silence: "
      "that is exit 4.";
  command.examples = {
      {"orrery install kafka", ""},
      {"orrery install kafka --set brokers.count=3 --yes", ""},
      {"orrery install kafka@release=57 --name kafka-eu --options eu.json",
       ""}};
  command.flags = {
      {.name = "name",
       .value = "SERVICE",
       .help = "name of the service (default: the package's)",
       .aliases = {"app-id"}},
      ClusterFlag(),
      {.name = "options",
       .value = "FILE",
       .help = "options as a JSON object, - for standard input; a later file "
               "wins",
       .kind = ValueKind::kFile,
       .repeatable = true},
      {.name = "set",
       .value = "PATH=VALUE",
       .help = "one option, over those of files",
       .repeatable = true},
      {.name = "unset",
       .value = "PATH",
       .help = "take one option of the files back to its default",
       .repeatable = true},
      {.name = "allow-unknown-options",
       .help = "let options pass that the package does not declare"},
      {.name = "dry-run", .short_name = 'n', .help = "show the plan and stop"},
      {.name = "no-wait", .help = "do not wait until it is healthy"},
      {.name = "package-version",
       .value = "LABEL",
       .help = "the same as PACKAGE@=LABEL"}};
  command.arguments = {{.name = "PACKAGE",
                        .help = "name, or name@RANGE, as in 'name@>=2.0', "
                                "name@=LABEL, name@release=N",
                        .kind = ValueKind::kPackage}};
  command.run = RunInstall;
  return command;
}

}  // namespace orrery::cli
