#include "cli-plugin/service/plan_run.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/service/lock_flags.h"
#include "cli-plugin/service/notes_text.h"
#include "cli-plugin/service/operation_watch.h"
#include "cli-plugin/service/plan_text.h"
#include "cli-plugin/service/plan_verifier.h"
#include "cli-plugin/service/resolve_flags.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/source/stalled_sources.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/trust/trust_flags.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kPlanTimeout = absl::Minutes(1);

// What was asked for as it is now. `notes`: what packages say of services that
// run.
absl::StatusOr<ExitCode> PrintServices(
    const AskedChange& change, const std::map<std::string, std::string>& notes,
    CommandContext& context) {
  std::vector<std::string> names = {change.service};
  names.insert(names.end(), change.others.begin(), change.others.end());
  std::vector<JsonValue> services;
  for (const std::string& name : names) {
    ORRERY_ASSIGN_OR_RETURN(
        JsonValue service, context.api->Get(ServicePath(change.cluster, name)));
    const auto said = notes.find(name);
    if (said != notes.end()) {
      context.terminal->Note(Printable(FilledNotes(said->second, service)));
    }
    services.push_back(std::move(service));
  }
  Print(services.size() == 1 ? ServiceAnswer(std::move(services[0]), context)
                             : ServicesAnswer(std::move(services), context),
        context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> NothingToDo(const JsonValue& plan,
                                     const AskedChange& change,
                                     CommandContext& context) {
  context.terminal->Note(change.nothing);
  for (const JsonValue& held : MemberItems(plan, "held")) {
    context.terminal->Note(HeldText(held));
  }
  return PrintServices(change, {}, context);
}

}  // namespace

bool AskedChange::AsksFor(const std::string& name) const {
  return name == service ||
         std::find(others.begin(), others.end(), name) != others.end();
}

absl::Status ShowAndConfirm(const JsonValue& plan, const AskedChange& change,
                            const Invocation& invocation,
                            CommandContext& context) {
  // Both are more than --yes agrees to.
  const bool goes_down = AnyLabelGoesDown(plan) && !change.takes_label_down &&
                         !invocation.Has("allow-label-downgrade");
  const std::string shortage =
      invocation.Has("allow-shortage") ? "" : ShortageText(plan);
  const bool agreed =
      context.settings->assume_yes && !goes_down && shortage.empty();
  if (!agreed && !context.settings->assume_yes && context.terminal->CanAsk()) {
    return context.terminal->Confirm(absl::StrCat(PlanText(plan), "\nGo on?"));
  }
  context.terminal->Note(PlanText(plan));
  if (agreed) return absl::OkStatus();
  const std::string doing = absl::StrCat(change.doing, " ", change.service);
  if (!context.settings->assume_yes) {
    return UsageError(absl::StrCat(
        doing, " wants a confirmation and nobody can be asked; say --yes"));
  }
  if (goes_down) {
    return UsageError(absl::StrCat(
        doing, " takes a version label down; say --allow-label-downgrade"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      doing, " needs ", shortage,
      "; nothing was started: stop something, ask for less by the options, or "
      "say --allow-shortage to let what does not fit wait"));
}

absl::StatusOr<JsonValue> AskForPlan(const AskedChange& change,
                                     CommandContext& context) {
  JsonValue planning = change.request;
  planning.Set("validate_only", JsonValue::Bool(true));
  return context.api->Post(change.path, planning, kPlanTimeout);
}

absl::StatusOr<JsonValue> StartPlan(const JsonValue& plan,
                                    const AskedChange& change,
                                    CommandContext& context) {
  JsonValue request = change.request;
  request.Set("plan_id", JsonValue::String(MemberText(plan, "id")));
  absl::StatusOr<JsonValue> started =
      context.api->Post(change.path, request, kPlanTimeout);
  if (!absl::IsCancelled(started.status())) return started;
  return absl::CancelledError(absl::StrCat(
      "interrupted before the server answered; if it has heard, the server "
      "goes on ",
      change.doing, " ", change.service, ": see `orrery status ",
      change.service, "`"));
}

ExitCode PrintPlan(const JsonValue& plan, CommandContext& context) {
  Answer answer;
  answer.document = plan;
  answer.page = absl::StrCat(PlanText(plan), "\n");
  answer.names = {MemberText(plan, "id")};
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<std::vector<JsonValue>> WaitForAll(
    std::span<const JsonValue> operations, CommandContext& context) {
  std::vector<JsonValue> ended;
  for (const JsonValue& operation : operations) {
    ORRERY_ASSIGN_OR_RETURN(
        JsonValue end,
        WaitForOperation(operation,
                         context.settings->timeout.value_or(kDefaultWait),
                         context));
    ended.push_back(std::move(end));
  }
  return ended;
}

absl::StatusOr<ExitCode> PlanAndRun(const AskedChange& change,
                                    const Invocation& invocation,
                                    CommandContext& context) {
  // They may be why it fails; but in JSON a failure is one document.
  const bool tells_first = !context.terminal->writes_json();
  if (tells_first) WarnOfStalledSources(context);
  const absl::StatusOr<JsonValue> asked = AskForPlan(change, context);
  if (!asked.ok()) return NameLock(asked.status(), invocation);
  const JsonValue& planned = *asked;
  ORRERY_ASSIGN_OR_RETURN(
      const PlanVerdict verdict,
      context.plan_verifier->Verify(planned, change, invocation, context));
  JsonValue plan = MemberOrSelf(planned, "plan");
  if (!verdict.evidence.empty()) {
    plan.Set("evidence", JsonValue::String(verdict.evidence));
  }
  const auto write_lock = [&] {
    return WriteLock(invocation, MemberOrSelf(change.request, "resolution"),
                     MemberText(planned, "lock"), context);
  };
  if (MemberItems(plan, "steps").empty()) {
    if (!invocation.Has("dry-run")) ORRERY_RETURN_IF_ERROR(write_lock());
    return NothingToDo(plan, change, context);
  }
  if (!verdict.notes_before.empty()) {
    context.terminal->Note(Printable(verdict.notes_before));
  }
  for (const std::string& warning : verdict.warnings) {
    context.terminal->Warn(warning);
  }
  for (const std::string& warning : MemberTexts(plan, "warnings")) {
    context.terminal->Warn(warning);
  }
  if (!tells_first) WarnOfStalledSources(context);
  if (invocation.Has("dry-run")) return PrintPlan(plan, context);
  ORRERY_RETURN_IF_ERROR(ShowAndConfirm(plan, change, invocation, context));
  // A plan whose lock cannot be kept is not begun.
  ORRERY_RETURN_IF_ERROR(write_lock());
  ORRERY_ASSIGN_OR_RETURN(const JsonValue started,
                          StartPlan(plan, change, context));
  const std::span<const JsonValue> operations =
      MemberItems(started, "operations");
  if (operations.empty()) return NothingToDo(plan, change, context);
  if (invocation.Has("no-wait")) {
    context.terminal->Note(absl::StrCat(
        "operation ", MemberText(operations.back(), "name"),
        " is under way; see `orrery status ", change.service, "`"));
    return PrintServices(change, {}, context);
  }
  ORRERY_RETURN_IF_ERROR(WaitForAll(operations, context).status());
  return PrintServices(change, verdict.notes_after, context);
}

absl::Status AddResolution(const PackageReference& reference,
                           const Invocation& invocation,
                           const CommandContext& context, JsonValue* request) {
  if (!reference.features.empty()) {
    JsonValue features = JsonValue::Array();
    for (const std::string& feature : reference.features) {
      features.items().push_back(JsonValue::String(feature));
    }
    request->Set("features", std::move(features));
  }
  JsonValue resolution = JsonValue::Object();
  AddChoices(invocation, &resolution);
  ORRERY_RETURN_IF_ERROR(AddLock(invocation, context, &resolution));
  if (!resolution.members().empty()) {
    request->Set("resolution", std::move(resolution));
  }
  return absl::OkStatus();
}

std::vector<Flag> PlanFlags() {
  std::vector<Flag> flags = {
      {.name = "dry-run", .short_name = 'n', .help = "show the plan and stop"},
      {.name = "no-wait", .help = "do not wait until it is healthy"},
      {.name = "allow-label-downgrade",
       .help = "let a newer release have a lower version label"},
      {.name = "allow-shortage",
       .help = "begin although the cluster has too little room"}};
  for (auto* more : {&ChoiceFlags, &LockFlags, &TrustFlags}) {
    for (Flag& flag : more()) flags.push_back(std::move(flag));
  }
  return flags;
}

}  // namespace orrery::cli
