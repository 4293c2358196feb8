#include "cli-plugin/service_commands.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/json_member.h"
#include "cli-plugin/operation_watch.h"
#include "cli-plugin/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

std::string EndpointsText(const JsonValue& service) {
  std::vector<std::string> endpoints;
  for (const JsonValue& endpoint : MemberItems(service, "endpoints")) {
    endpoints.push_back(absl::StrCat(MemberText(endpoint, "name"), "=",
                                     MemberText(endpoint, "host"), ":",
                                     MemberText(endpoint, "port")));
  }
  return absl::StrJoin(endpoints, " ");
}

Cell StateCell(const JsonValue& object) {
  const std::string state = MemberText(object, "state");
  return {state, StateColour(state)};
}

Answer ListAnswer(std::vector<JsonValue> services) {
  Answer answer;
  answer.lines_member = "services";
  answer.table.columns = {{"NAME"},          {"PACKAGE"},  {"VERSION"},
                          {"RELEASE", true}, {"CLUSTER"},  {"STATE"},
                          {"INSTANCES"},     {"ENDPOINTS"}};
  for (const JsonValue& service : services) {
    answer.names.push_back(MemberText(service, "name"));
    answer.table.rows.push_back({{MemberText(service, "name"), Colour::kBold},
                                 {MemberText(service, "package")},
                                 {MemberText(service, "version")},
                                 {MemberText(service, "release")},
                                 {MemberText(service, "cluster")},
                                 StateCell(service),
                                 {MemberText(service, "instances")},
                                 {EndpointsText(service)}});
  }
  answer.document = ListDocument("services", std::move(services));
  return answer;
}

std::string PortsText(const JsonValue& task) {
  return absl::StrJoin(MemberTexts(task, "ports"), ",");
}

std::string LimitsText(const JsonValue& task) {
  const JsonValue* const enforced = task.Find("limits_enforced");
  return enforced != nullptr && enforced->bool_value() ? "enforced"
                                                       : "not enforced";
}

Table TaskTable(const JsonValue& service) {
  Table table;
  table.columns = {{"TASK"},       {"STATE"},         {"HEALTH"},
                   {"PID"},        {"PORTS"},         {"LIMITS", true},
                   {"DISK", true}, {"SANDBOX", true}, {"REASON"}};
  for (const JsonValue& task : MemberItems(service, "tasks")) {
    const std::string health = MemberText(task, "health");
    table.rows.push_back({{MemberText(task, "id")},
                          StateCell(task),
                          {health, StateColour(health)},
                          {MemberText(task, "pid")},
                          {PortsText(task)},
                          {LimitsText(task)},
                          {MemberText(task, "disk_bytes")},
                          {MemberText(task, "sandbox")},
                          {MemberText(task, "reason")}});
  }
  return table;
}

std::string PageOf(const JsonValue& service, bool wide,
                   const Terminal& terminal) {
  const std::string state = MemberText(service, "state");
  std::string page = absl::StrCat(
      terminal.OnOut(Colour::kBold, OneLine(MemberText(service, "name"))), " (",
      OneLine(MemberText(service, "package")), " ",
      OneLine(MemberText(service, "version")), ", release ",
      MemberText(service, "release"), ") on ",
      OneLine(MemberText(service, "cluster")), ": ",
      terminal.OnOut(StateColour(state), OneLine(state)), "\n");
  for (const std::string& waiting : MemberTexts(service, "waiting_for")) {
    absl::StrAppend(&page, "waiting: ", OneLine(waiting), "\n");
  }
  for (const JsonValue& endpoint : MemberItems(service, "endpoints")) {
    absl::StrAppend(&page, "endpoint ", OneLine(MemberText(endpoint, "name")),
                    " ", OneLine(MemberText(endpoint, "host")), ":",
                    MemberText(endpoint, "port"), "\n");
  }
  const std::string tasks = WriteTable(TaskTable(service), wide, terminal);
  if (!tasks.empty()) absl::StrAppend(&page, "\n", tasks);
  return page;
}

absl::StatusOr<ExitCode> RunList(const Invocation& invocation,
                                 CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<JsonValue> services,
      context.api->GetAll(
          absl::StrCat("/v1/clusters/",
                       PercentEncoded(invocation.Text("cluster", "-")),
                       "/services"),
          "services"));
  if (services.empty()) {
    context.terminal->Note(
        "nothing is installed; `orrery search` finds "
        "packages");
  }
  Print(ListAnswer(std::move(services)), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunStatus(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(JsonValue service, context.api->Get(ServicePath(
                                                 ClusterOf(invocation),
                                                 invocation.Word("SERVICE"))));
  Print(ServiceAnswer(std::move(service), context), context);
  return ExitCode::kSuccess;
}

// What was removed and what stays, with the commands that remove that.
Answer ReceiptAnswer(const JsonValue& operation) {
  const JsonValue& receipt = MemberOrSelf(operation, "receipt");
  const auto removed = MemberItems(receipt, "removed");
  const auto kept = MemberItems(receipt, "kept");
  Answer answer;
  answer.document = JsonValue::Object(
      {{"removed", JsonValue::Array({removed.begin(), removed.end()})},
       {"kept", JsonValue::Array({kept.begin(), kept.end()})}});
  answer.names = {MemberText(operation, "service")};
  for (const JsonValue& item : removed) {
    absl::StrAppend(&answer.page, "removed ", OneLine(MemberText(item, "kind")),
                    " ", OneLine(MemberText(item, "path")), "\n");
  }
  for (const JsonValue& item : kept) {
    absl::StrAppend(&answer.page, "kept ", OneLine(MemberText(item, "kind")),
                    " ", OneLine(MemberText(item, "path")), "; remove it with ",
                    OneLine(MemberText(item, "remove_command")), "\n");
  }
  if (answer.page.empty()) answer.page = "nothing was left to remove\n";
  return answer;
}

absl::Status ConfirmUninstall(const JsonValue& service,
                              CommandContext& context) {
  if (context.settings->assume_yes) return absl::OkStatus();
  const std::string name = MemberText(service, "name");
  if (!context.terminal->CanAsk()) {
    return UsageError(absl::StrCat(
        "uninstalling ", name,
        " wants a confirmation and nobody can be asked; say --yes"));
  }
  const std::string question = absl::StrCat(
      "Uninstall ", name, " (", MemberText(service, "package"), " ",
      MemberText(service, "version"), ", ", MemberText(service, "state"),
      ") from ", MemberText(service, "cluster"), "?");
  return context.terminal->Confirm(question);
}

absl::StatusOr<ExitCode> RunUninstall(const Invocation& invocation,
                                      CommandContext& context) {
  const std::string path =
      ServicePath(ClusterOf(invocation), invocation.Word("SERVICE"));
  ORRERY_ASSIGN_OR_RETURN(const JsonValue service, context.api->Get(path));
  ORRERY_RETURN_IF_ERROR(ConfirmUninstall(service, context));
  ORRERY_ASSIGN_OR_RETURN(const JsonValue started, context.api->Delete(path));
  const JsonValue& operation = MemberOrSelf(started, "operation");
  if (invocation.Has("no-wait")) {
    // There is a receipt at the end only.
    Answer answer;
    answer.document = operation;
    answer.names = {MemberText(operation, "name")};
    answer.page = absl::StrCat("operation ", MemberText(operation, "name"),
                               " is under way\n");
    Print(answer, context);
    return ExitCode::kSuccess;
  }
  ORRERY_ASSIGN_OR_RETURN(
      const JsonValue ended,
      WaitForOperation(operation,
                       context.settings->timeout.value_or(kDefaultWait),
                       context));
  Print(ReceiptAnswer(ended), context);
  return ExitCode::kSuccess;
}

Argument ServiceArgument() {
  return {.name = "SERVICE",
          .help = "exact name of the service",
          .kind = ValueKind::kService};
}

}  // namespace

Flag ClusterFlag() {
  return {.name = "cluster",
          .value = "NAME",
          .help = "cluster it is on (default local)"};
}

std::string ClusterOf(const Invocation& invocation) {
  return invocation.Text("cluster", "local");
}

std::string ServicePath(absl::string_view cluster, absl::string_view service) {
  return absl::StrCat("/v1/clusters/", PercentEncoded(cluster), "/services/",
                      PercentEncoded(service));
}

Answer ServiceAnswer(JsonValue service, const CommandContext& context) {
  Answer answer;
  answer.names = {MemberText(service, "name")};
  answer.page = PageOf(service, context.settings->output == OutputFormat::kWide,
                       *context.terminal);
  answer.document = std::move(service);
  return answer;
}

Command ListCommand() {
  Command command;
  command.name = "list";
  command.summary = "List the installed services";
  command.examples = {{"orrery list", ""}, {"orrery list -o json", ""}};
  command.flags = {{.name = "cluster",
                    .value = "NAME",
                    .help = "only the services of this cluster"}};
  command.run = RunList;
  return command;
}

Command StatusCommand() {
  Command command;
  command.name = "status";
  command.summary = "Show a service: state, what it waits for, tasks";
  command.examples = {{"orrery status kafka", ""}};
  command.flags = {ClusterFlag()};
  command.arguments = {ServiceArgument()};
  command.run = RunStatus;
  return command;
}

Command UninstallCommand() {
  Command command;
  command.name = "uninstall";
  command.aliases = {"remove"};
  command.summary = "Stop a service and remove it";
  command.description =
      "Says what was removed and what stays, with the command that removes "
      "each of those. Data that the service wrote outside its sandbox is never "
      "touched.";
  command.examples = {{"orrery uninstall kafka", ""},
                      {"orrery uninstall kafka --yes -o json", ""}};
  command.flags = {ClusterFlag(),
                   {.name = "no-wait", .help = "do not wait for the end"}};
  command.arguments = {ServiceArgument()};
  command.run = RunUninstall;
  return command;
}

}  // namespace orrery::cli
