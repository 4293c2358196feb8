#include "cli-plugin/service/service_commands.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

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
  for (const JsonValue& note : MemberItems(service, "notes")) {
    absl::StrAppend(&page, "note: ", OneLine(MemberText(note, "text")), "\n");
  }
  for (const JsonValue& endpoint : MemberItems(service, "endpoints")) {
    absl::StrAppend(&page, "endpoint ", OneLine(MemberText(endpoint, "name")),
                    " ", OneLine(MemberText(endpoint, "host")), ":",
                    MemberText(endpoint, "port"), "\n");
  }
  for (const JsonValue& output : MemberItems(service, "outputs")) {
    absl::StrAppend(&page, "output ", OneLine(MemberText(output, "name")), " ",
                    OneLine(MemberText(output, "value")), "\n");
  }
  const std::string tasks = WriteTable(TaskTable(service), wide, terminal);
  if (!tasks.empty()) absl::StrAppend(&page, "\n", tasks);
  return page;
}

// Of the cluster that the flag names, else of all.
absl::StatusOr<std::vector<JsonValue>> AllServices(const Invocation& invocation,
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
  return services;
}

absl::StatusOr<ExitCode> RunList(const Invocation& invocation,
                                 CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> services,
                          AllServices(invocation, context));
  std::vector<std::string> notes;
  for (const JsonValue& service : services) {
    for (const JsonValue& note : MemberItems(service, "notes")) {
      notes.push_back(absl::StrCat(OneLine(MemberText(service, "name")), ": ",
                                   OneLine(MemberText(note, "text"))));
    }
  }
  Print(ListAnswer(std::move(services)), context);
  for (const std::string& note : notes) context.terminal->Note(note);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunStatus(const Invocation& invocation,
                                   CommandContext& context) {
  if (invocation.Word("SERVICE").empty()) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> services,
                            AllServices(invocation, context));
    Print(ServicesAnswer(std::move(services), context), context);
    return ExitCode::kSuccess;
  }
  ORRERY_ASSIGN_OR_RETURN(JsonValue service, context.api->Get(ServicePath(
                                                 ClusterOf(invocation),
                                                 invocation.Word("SERVICE"))));
  Print(ServiceAnswer(std::move(service), context), context);
  return ExitCode::kSuccess;
}

}  // namespace

Argument ServiceArgument() {
  return {.name = "SERVICE",
          .help = "exact name of the service",
          .kind = ValueKind::kService};
}

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

Answer ServicesAnswer(std::vector<JsonValue> services,
                      const CommandContext& context) {
  Answer answer;
  answer.lines_member = "services";
  for (JsonValue& service : services) {
    Answer one = ServiceAnswer(std::move(service), context);
    absl::StrAppend(&answer.page, answer.page.empty() ? "" : "\n", one.page);
    answer.names.push_back(std::move(one.names.front()));
    service = std::move(one.document);
  }
  answer.document = ListDocument("services", std::move(services));
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
  command.summary = "Show a service, or all: state, what is waited for, tasks";
  command.examples = {{"orrery status kafka", ""}, {"orrery status", ""}};
  command.flags = {ClusterFlag()};
  command.arguments = {ServiceArgument()};
  command.arguments.front().required = false;
  command.run = RunStatus;
  return command;
}

}  // namespace orrery::cli
