#include "cli-plugin/service/operation_commands.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/service/operation_watch.h"
#include "cli-plugin/service/receipt_text.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

std::string ErrorOf(const JsonValue& operation) {
  const JsonValue* const error = operation.Find("error");
  return error == nullptr ? "" : MemberText(*error, "message");
}

Answer ListAnswer(std::vector<JsonValue> operations) {
  Answer answer;
  answer.lines_member = "operations";
  answer.table.columns = {{"NAME"},        {"KIND"},     {"SERVICE"},
                          {"CLUSTER"},     {"STATE"},    {"CREATED"},
                          {"ENDED", true}, {"WAITS FOR"}};
  for (const JsonValue& operation : operations) {
    answer.names.push_back(MemberText(operation, "name"));
    answer.table.rows.push_back({{MemberText(operation, "name")},
                                 {MemberText(operation, "kind")},
                                 {MemberText(operation, "service")},
                                 {MemberText(operation, "cluster")},
                                 {MemberText(operation, "state")},
                                 {MemberText(operation, "create_time")},
                                 {MemberText(operation, "end_time")},
                                 {WaitingFor(operation)}});
  }
  answer.document = ListDocument("operations", std::move(operations));
  return answer;
}

std::string PageOf(const JsonValue& operation) {
  std::string page =
      absl::StrCat(OneLine(MemberText(operation, "name")), ": ",
                   OneLine(MemberText(operation, "state")), "\n");
  const auto line = [&page](absl::string_view label, const std::string& text) {
    if (!text.empty()) absl::StrAppend(&page, label, OneLine(text), "\n");
  };
  line("kind:      ", MemberText(operation, "kind"));
  line("service:   ", MemberText(operation, "service"));
  line("cluster:   ", MemberText(operation, "cluster"));
  line("created:   ", MemberText(operation, "create_time"));
  line("ended:     ", MemberText(operation, "end_time"));
  for (const std::string& wait : MemberTexts(operation, "waiting_for")) {
    line("waits for: ", wait);
  }
  line("error:     ", ErrorOf(operation));
  for (const JsonValue& item :
       MemberItems(MemberOrSelf(operation, "receipt"), "kept")) {
    line("", KeptText(item));
  }
  return page;
}

Answer OperationAnswer(JsonValue operation) {
  Answer answer;
  answer.names = {MemberText(operation, "name")};
  answer.page = PageOf(operation);
  answer.document = std::move(operation);
  return answer;
}

absl::StatusOr<JsonValue> Find(const Invocation& invocation,
                               CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      const JsonValue found,
      context.api->Get(absl::StrCat(
          "/v1/operations/", PercentEncoded(invocation.Word("OPERATION")))));
  return MemberOrSelf(found, "operation");
}

absl::StatusOr<ExitCode> RunOperationList(const Invocation& invocation,
                                          CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> operations,
                          context.api->GetAll("/v1/operations", "operations"));
  if (invocation.Has("running")) {
    std::erase_if(operations, [](const JsonValue& operation) {
      return MemberText(operation, "state") != "running";
    });
  }
  Print(ListAnswer(std::move(operations)), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunOperationShow(const Invocation& invocation,
                                          CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(JsonValue operation, Find(invocation, context));
  Print(OperationAnswer(std::move(operation)), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunOperationWatch(const Invocation& invocation,
                                           CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const JsonValue operation, Find(invocation, context));
  ORRERY_ASSIGN_OR_RETURN(
      JsonValue ended,
      WaitForOperation(operation,
                       context.settings->timeout.value_or(kDefaultWait),
                       context));
  Print(OperationAnswer(std::move(ended)), context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunOperationAbort(const Invocation& invocation,
                                           CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      const JsonValue ended,
      context.api->Post(
          absl::StrCat("/v1/operations/",
                       PercentEncoded(invocation.Word("OPERATION")), ":abort"),
          JsonValue::Object()));
  Print(OperationAnswer(MemberOrSelf(ended, "operation")), context);
  return ExitCode::kSuccess;
}

Argument OperationArgument() {
  return {.name = "OPERATION", .help = "name of the operation"};
}

}  // namespace

Command OperationCommand() {
  Command list;
  list.name = "list";
  list.summary = "List what the server does and did, newest first";
  list.examples = {{"orrery operation list --running", ""}};
  list.flags = {{.name = "running", .help = "only those that have not ended"}};
  list.run = RunOperationList;
  Command show;
  show.name = "show";
  show.summary = "Show an operation: state, what it waits for, how it ended";
  show.examples = {
      {"orrery operation show 6d1f6a1c-8f0b-4b0e-9a53-0c9a1f1f7a10", ""}};
  show.arguments = {OperationArgument()};
  show.run = RunOperationShow;
  Command watch;
  watch.name = "watch";
  watch.summary = "Wait until an operation ends";
  watch.description =
      "Ends as the operation does: exit 0 when it succeeded, with its failure "
      "when it failed, and 7 when --timeout passed while it went on.";
  watch.examples = {
      {"orrery operation watch 6d1f6a1c-8f0b-4b0e-9a53-0c9a1f1f7a10", ""}};
  watch.arguments = {OperationArgument()};
  watch.run = RunOperationWatch;
  Command abort;
  abort.name = "abort";
  abort.summary = "End an operation where it stands";
  abort.description =
      "Nothing is undone: what the cluster was told to run stays, and the "
      "service is that from now on; uninstall or upgrade it. Of an "
      "installation that has not begun to run, nothing is left. An uninstall "
      "that the cluster was told of goes on there, and the service stays in "
      "the list until it is uninstalled again. Operations that wait for this "
      "one fail. Exit 4 when it has ended already.";
  abort.examples = {
      {"orrery operation abort 6d1f6a1c-8f0b-4b0e-9a53-0c9a1f1f7a10", ""}};
  abort.arguments = {OperationArgument()};
  abort.run = RunOperationAbort;
  Command command;
  command.name = "operation";
  command.aliases = {"operations"};
  command.summary = "Follow what the server is doing, or end it";
  command.subcommands = {std::move(list), std::move(show), std::move(watch),
                         std::move(abort)};
  return command;
}

}  // namespace orrery::cli
