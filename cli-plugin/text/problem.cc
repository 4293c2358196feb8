#include "cli-plugin/text/problem.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/text/refusal_output.h"

#include "registry/format/json_parse.h"
#include "signing/refusal.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr char kProblemPayload[] = "orrery/problem";
constexpr char kExitPayload[] = "orrery/exit-code";

ExitCode ExitOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return ExitCode::kSuccess;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return ExitCode::kConflict;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kDenied;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kUsage;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailure;
  }
}

absl::StatusCode CodeOfHttpStatus(int http_status) {
  switch (http_status) {
    case 400:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 412:
    case 428:
      return absl::StatusCode::kFailedPrecondition;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 502:
    case 503:
      return absl::StatusCode::kUnavailable;
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::StatusCode CodeOfName(absl::string_view name) {
  for (int code = 1; code <= 16; ++code) {
    const auto known = static_cast<absl::StatusCode>(code);
    if (absl::StatusCodeToString(known) == name) return known;
  }
  return absl::StatusCode::kUnknown;
}

void SetProblem(const JsonValue& problem, absl::Status* status) {
  status->SetPayload(kProblemPayload, absl::Cord(registry::WriteJson(problem)));
}

std::optional<JsonValue> StoredProblem(const absl::Status& status) {
  auto payload = status.GetPayload(kProblemPayload);
  if (!payload.has_value()) return std::nullopt;
  auto document = registry::ParseJson(std::string(*payload));
  if (!document.ok()) return std::nullopt;
  return std::move(document->root);
}

// Id of the request that the server refused; empty if it did not.
std::string RequestOf(const absl::Status& status) {
  const std::optional<JsonValue> problem = StoredProblem(status);
  return problem.has_value() ? OneLine(problem->FindString("request_id")) : "";
}

// One fault of `errors`: where, what, and what mends it, on a line of its own.
std::string FaultLine(const JsonValue& fault) {
  absl::string_view place = fault.FindString("pointer");
  if (place.empty()) place = fault.FindString("parameter");
  const absl::string_view message = fault.FindString("message");
  // Faults of options name their place themselves.
  if (place.empty() || absl::StartsWith(message, place)) {
    return absl::StrCat("  ", OneLine(message));
  }
  return absl::StrCat("  ", OneLine(place), ": ", OneLine(message));
}

// The near names the server found, whether it sent a list or one text.
std::string Suggestions(const JsonValue& problem) {
  const JsonValue& metadata = MemberOrSelf(problem, "metadata");
  const std::vector<std::string> near = MemberTexts(metadata, "did_you_mean");
  return near.empty() ? MemberText(metadata, "did_you_mean")
                      : absl::StrJoin(near, ", ");
}

// What the server refused, as if it had been refused here.
std::optional<absl::Status> RefusalFromAnswer(const JsonValue& body) {
  const auto code = signing::ParseRefusalName(body.FindString("refused"));
  if (!code.has_value()) return std::nullopt;
  const auto number = [&body](absl::string_view name) {
    const JsonValue* value = body.Find(name);
    return value == nullptr ? std::nullopt : value->AsInteger();
  };
  absl::Status status =
      signing::At({.file = std::string(body.FindString("file")),
                   .line = number("line"),
                   .pointer = std::string(body.FindString("pointer")),
                   .check = number("check"),
                   .registry = std::string(body.FindString("registry")),
                   .package = std::string(body.FindString("package")),
                   .release = number("release"),
                   .revision = number("revision"),
                   .leaf = number("leaf"),
                   .evidence = std::string(body.FindString("evidence"))},
                  signing::Refuse(*code, body.FindString("detail")));
  SetProblem(body, &status);
  return status;
}

}  // namespace

absl::Status UsageError(absl::string_view message) {
  return WithExitCode(absl::InvalidArgumentError(message), ExitCode::kUsage);
}

absl::Status WithExitCode(absl::Status status, ExitCode code) {
  status.SetPayload(kExitPayload,
                    absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

absl::Status ProblemFromAnswer(int http_status, const JsonValue& body,
                               absl::string_view url) {
  if (auto refusal = RefusalFromAnswer(body)) return *std::move(refusal);
  absl::StatusCode code = CodeOfName(body.FindString("code"));
  if (code == absl::StatusCode::kUnknown) code = CodeOfHttpStatus(http_status);
  if (body.FindString("detail").empty() && body.FindString("title").empty()) {
    return absl::Status(
        code, absl::StrCat(url, " answered ", http_status,
                           " without saying why; is that an orreryd?"));
  }
  absl::string_view message = body.FindString("detail");
  if (message.empty()) message = body.FindString("title");
  absl::Status status(code, message);
  SetProblem(body, &status);
  return status;
}

absl::Status ProblemFromOperation(const JsonValue& error,
                                  absl::string_view context) {
  const absl::StatusCode code = CodeOfName(error.FindString("code"));
  std::string detail =
      absl::StrCat(context, " failed: ", error.FindString("message"));
  absl::Status status(code, detail);
  JsonValue problem = JsonValue::Object();
  problem.Set("type", JsonValue::String("about:blank"));
  problem.Set("title", JsonValue::String(absl::StatusCodeToString(code)));
  problem.Set("detail", JsonValue::String(std::move(detail)));
  problem.Set("reason",
              JsonValue::String(std::string(error.FindString("reason"))));
  SetProblem(problem, &status);
  // A wrong argument is told when it is sent, never by an operation.
  if (code == absl::StatusCode::kInvalidArgument ||
      code == absl::StatusCode::kCancelled) {
    return WithExitCode(std::move(status), ExitCode::kFailure);
  }
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (const auto refusal = signing::RefusalOf(status); refusal.has_value()) {
    return static_cast<ExitCode>(signing::ExitStatus(refusal->code));
  }
  auto payload = status.GetPayload(kExitPayload);
  int code = 0;
  if (payload.has_value() && absl::SimpleAtoi(std::string(*payload), &code)) {
    return static_cast<ExitCode>(code);
  }
  return ExitOfCode(status.code());
}

std::string ReasonOf(const absl::Status& status) {
  const std::optional<JsonValue> problem = StoredProblem(status);
  return problem.has_value() ? std::string(problem->FindString("reason")) : "";
}

JsonValue ProblemDocument(const absl::Status& status) {
  if (const auto refusal = signing::RefusalOf(status); refusal.has_value()) {
    JsonValue object = RefusalJson(*refusal);
    const std::string id = RequestOf(status);
    if (!id.empty()) object.Set("request_id", JsonValue::String(id));
    return object;
  }
  JsonValue problem = StoredProblem(status).value_or(JsonValue::Object());
  if (problem.Find("type") == nullptr) {
    problem.Set("type", JsonValue::String("about:blank"));
  }
  if (problem.FindString("title").empty()) {
    problem.Set("title",
                JsonValue::String(absl::StatusCodeToString(status.code())));
  }
  problem.Set("detail", JsonValue::String(std::string(status.message())));
  problem.Set("exit_code",
              JsonValue::Integer(static_cast<int>(ExitCodeOf(status))));
  return problem;
}

std::string ProblemJson(const absl::Status& status) {
  return registry::WriteJson(ProblemDocument(status));
}

std::string ProblemText(const absl::Status& status) {
  if (const auto refusal = signing::RefusalOf(status); refusal.has_value()) {
    const std::string id = RequestOf(status);
    return absl::StrCat(RefusalText(*refusal),
                        id.empty() ? "" : absl::StrCat(" (request ", id, ")"),
                        "\n");
  }
  std::string text = Printable(status.message());
  const std::optional<JsonValue> problem = StoredProblem(status);
  if (!problem.has_value()) return absl::StrCat(text, "\n");
  for (const JsonValue& fault : MemberItems(*problem, "errors")) {
    // The detail of some problems tells the faults already.
    if (absl::StrContains(status.message(), fault.FindString("message"))) {
      continue;
    }
    absl::StrAppend(&text, "\n", FaultLine(fault));
  }
  const std::string near = Suggestions(*problem);
  if (!near.empty() && !absl::StrContains(status.message(), near)) {
    absl::StrAppend(&text, "; did you mean ", OneLine(near), "?");
  }
  const absl::string_view id = problem->FindString("request_id");
  // Last, and not on a line of its own: the last line is what logs show.
  if (!id.empty()) absl::StrAppend(&text, " (request ", OneLine(id), ")");
  return absl::StrCat(text, "\n");
}

}  // namespace orrery::cli
