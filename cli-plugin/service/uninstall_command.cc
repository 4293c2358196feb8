#include "cli-plugin/service/uninstall_command.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/service/plan_run.h"
#include "cli-plugin/service/receipt_text.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// What was removed and what stays, with the commands that remove that.
Answer ReceiptAnswer(std::span<const JsonValue> operations) {
  JsonValue all_removed = JsonValue::Array();
  JsonValue all_kept = JsonValue::Array();
  Answer answer;
  for (const JsonValue& operation : operations) {
    const JsonValue& receipt = MemberOrSelf(operation, "receipt");
    answer.names.push_back(MemberText(operation, "service"));
    for (const JsonValue& item : MemberItems(receipt, "removed")) {
      absl::StrAppend(&answer.page, "removed ",
                      OneLine(MemberText(item, "kind")), " ",
                      OneLine(MemberText(item, "path")), "\n");
      all_removed.items().push_back(item);
    }
    for (const JsonValue& item : MemberItems(receipt, "kept")) {
      absl::StrAppend(&answer.page, KeptText(item), "\n");
      all_kept.items().push_back(item);
    }
  }
  answer.document = JsonValue::Object(
      {{"removed", std::move(all_removed)}, {"kept", std::move(all_kept)}});
  if (answer.page.empty()) answer.page = "nothing was left to remove\n";
  return answer;
}

// There are receipts at the end only.
Answer UnderWayAnswer(std::span<const JsonValue> operations) {
  Answer answer;
  for (const JsonValue& operation : operations) {
    answer.names.push_back(MemberText(operation, "name"));
    absl::StrAppend(&answer.page, "operation ", MemberText(operation, "name"),
                    " is under way\n");
  }
  // As the server answers.
  answer.document = JsonValue::Object(
      {{"operations",
        JsonValue::Array({operations.begin(), operations.end()})}});
  return answer;
}

absl::StatusOr<ExitCode> RunUninstall(const Invocation& invocation,
                                      CommandContext& context) {
  AskedChange change;
  change.cluster = ClusterOf(invocation);
  change.service = invocation.Word("SERVICE");
  change.path =
      absl::StrCat(ServicePath(change.cluster, change.service), ":uninstall");
  change.doing = "uninstalling";
  change.request = JsonValue::Object(
      {{"with_unused", JsonValue::Bool(invocation.Has("with-unused"))}});
  ORRERY_ASSIGN_OR_RETURN(const JsonValue planned, AskForPlan(change, context));
  const JsonValue& plan = MemberOrSelf(planned, "plan");
  for (const std::string& warning : MemberTexts(plan, "warnings")) {
    context.terminal->Warn(warning);
  }
  if (invocation.Has("dry-run")) return PrintPlan(plan, context);
  ORRERY_RETURN_IF_ERROR(ShowAndConfirm(plan, change, invocation, context));
  ORRERY_ASSIGN_OR_RETURN(const JsonValue started,
                          StartPlan(plan, change, context));
  const std::span<const JsonValue> operations =
      MemberItems(started, "operations");
  if (invocation.Has("no-wait") && !operations.empty()) {
    Print(UnderWayAnswer(operations), context);
    return ExitCode::kSuccess;
  }
  ORRERY_ASSIGN_OR_RETURN(const std::vector<JsonValue> ended,
                          WaitForAll(operations, context));
  Print(ReceiptAnswer(ended), context);
  return ExitCode::kSuccess;
}

}  // namespace

Command UninstallCommand() {
  Command command;
  command.name = "uninstall";
  command.aliases = {"remove"};
  command.summary = "Stop a service and remove it";
  command.description =
      "Plans first, shows the plan and asks. Says at the end what was removed "
      "and what stays, with the command that removes each of those: data in "
      "volumes, and what the service wrote outside its sandbox, is never "
      "touched.\n\n"
      "A service that another uses stays. With --with-unused go also the "
      "services that came with it because it needs them and that nothing else "
      "needs, after it; what you asked for yourself stays.";
  command.examples = {{"orrery uninstall kafka", ""},
                      {"orrery uninstall kafka --with-unused --dry-run", ""},
                      {"orrery uninstall kafka --yes -o json", ""}};
  command.flags = {
      ClusterFlag(),
      {.name = "with-unused",
       .help = "take along what only it needs and nobody asked for"},
      {.name = "dry-run", .short_name = 'n', .help = "show the plan and stop"},
      {.name = "no-wait", .help = "do not wait for the end"}};
  command.arguments = {ServiceArgument()};
  command.run = RunUninstall;
  return command;
}

}  // namespace orrery::cli
