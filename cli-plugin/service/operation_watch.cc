#include "cli-plugin/service/operation_watch.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/service/receipt_text.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/problem.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kRetryPause = absl::Milliseconds(500);
// A server that restarts is back well before this.
constexpr absl::Duration kLostAfter = absl::Seconds(30);

std::string Doing(const JsonValue& operation) {
  const std::string kind = MemberText(operation, "kind");
  return absl::StrCat(kind == "uninstall" ? "uninstalling "
                      : kind == "upgrade" ? "upgrading "
                                          : "installing ",
                      MemberText(operation, "service"));
}

bool HasEnded(const JsonValue& operation) {
  const std::string state = MemberText(operation, "state");
  return state == "succeeded" || state == "failed";
}

std::string GoesOn(const JsonValue& operation) {
  return absl::StrCat("the server goes on ", Doing(operation), " (operation ",
                      MemberText(operation, "name"), "); see `orrery status ",
                      MemberText(operation, "service"), "`");
}

absl::Status TimedOut(const JsonValue& operation, absl::Duration timeout) {
  const std::string waiting = WaitingFor(operation);
  return WithExitCode(absl::DeadlineExceededError(absl::StrCat(
                          "timed out after ", absl::FormatDuration(timeout),
                          waiting.empty() ? "" : ", waiting: ", waiting, "; ",
                          GoesOn(operation))),
                      ExitCode::kStillRunning);
}

void ShowProgress(const JsonValue& operation, Terminal& terminal) {
  const std::string waiting = WaitingFor(operation);
  terminal.Progress(
      absl::StrCat(Doing(operation), waiting.empty() ? "" : ": ", waiting));
}

}  // namespace

std::string WaitingFor(const JsonValue& operation) {
  return absl::StrJoin(MemberTexts(operation, "waiting_for"), "; ");
}

absl::StatusOr<JsonValue> WaitForOperation(const JsonValue& operation,
                                           absl::Duration timeout,
                                           CommandContext& context) {
  JsonValue latest = operation;
  const std::string path =
      absl::StrCat("/v1/operations/",
                   PercentEncoded(MemberText(operation, "name")), ":watch");
  const absl::Time deadline = context.clock->Now() + timeout;
  absl::Time broken_since = context.clock->Now();
  while (!HasEnded(latest)) {
    ShowProgress(latest, *context.terminal);
    const absl::Duration left = deadline - context.clock->Now();
    if (left <= absl::ZeroDuration()) return TimedOut(latest, timeout);
    bool heard = false;
    const absl::Status watched =
        context.api->Watch(path, {}, left, [&](const JsonValue& event) {
          latest = MemberOrSelf(event, "operation");
          heard = true;
          ShowProgress(latest, *context.terminal);
          return !HasEnded(latest);
        });
    if (HasEnded(latest)) break;
    if (absl::IsCancelled(watched)) {
      return absl::CancelledError(
          absl::StrCat("interrupted; ", GoesOn(latest)));
    }
    const bool broke_off = watched.ok() || absl::IsUnavailable(watched) ||
                           absl::IsDeadlineExceeded(watched);
    if (!broke_off) return watched;
    // A stream that worked may have been quiet for long; what counts is how
    // long there has been none.
    if (heard) broken_since = context.clock->Now();
    if (context.clock->Now() - broken_since > kLostAfter) {
      return absl::UnavailableError(
          absl::StrCat("lost the server while ", Doing(latest), ": ",
                       watched.message(), "; once it is back it goes on"));
    }
    if (!context.clock->SleepFor(kRetryPause)) {
      return absl::CancelledError(
          absl::StrCat("interrupted; ", GoesOn(latest)));
    }
  }
  context.terminal->EndProgress();
  if (MemberText(latest, "state") == "succeeded") return latest;
  // In JSON a failure is one document; the operation has the receipt.
  if (!context.terminal->writes_json()) {
    for (const JsonValue& item :
         MemberItems(MemberOrSelf(latest, "receipt"), "kept")) {
      context.terminal->Note(KeptText(item));
    }
  }
  const JsonValue* error = latest.Find("error");
  absl::Status failure = ProblemFromOperation(
      error == nullptr ? JsonValue() : *error, Doing(latest));
  const std::string reason = ReasonOf(failure);
  const bool did_not_come_up =
      reason == "APP_FAILED" || reason == "DEPENDENCY_FAILED";
  return did_not_come_up ? WithExitCode(std::move(failure), ExitCode::kFailure)
                         : failure;
}

}  // namespace orrery::cli
