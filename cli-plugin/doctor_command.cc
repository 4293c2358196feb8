#include "cli-plugin/doctor_command.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli-plugin/command/version.h"
#include "cli-plugin/source/source_status.h"
#include "cli-plugin/text/counted.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/refusal_output.h"

#include "signing/policy/client_policy_parser.h"
#include "signing/policy/names.h"
#include "signing/policy/tlog_policy.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kLookTimeout = absl::Seconds(5);
constexpr absl::Duration kTolerableSkew = absl::Seconds(30);
constexpr char kDateFormat[] = "%a, %d %b %Y %H:%M:%S GMT";

// One thing that was looked at. `state` is ok, note, warn or error.
struct Check {
  std::string subject;
  std::string state;
  std::string text;
};

absl::StatusOr<HttpResponse> Look(absl::string_view path,
                                  CommandContext& context) {
  HttpRequest request;
  request.timeout = kLookTimeout;
  return context.api->Send(path, std::move(request));
}

// The version label of `orrery_build_info{version="0.1.0",...} 1`.
std::string VersionIn(absl::string_view metrics) {
  for (absl::string_view line : absl::StrSplit(metrics, '\n')) {
    if (!absl::ConsumePrefix(&line, "orrery_build_info{")) continue;
    const size_t start = line.find("version=\"");
    if (start == absl::string_view::npos) continue;
    line.remove_prefix(start + 9);
    return std::string(line.substr(0, line.find('"')));
  }
  return "";
}

Check CheckClock(const HttpResponse& response, Clock& clock) {
  absl::Time date;
  if (!absl::ParseTime(kDateFormat, response.date, &date, nullptr)) {
    return {"clock", "note", "the server does not say what time it has"};
  }
  const absl::Duration skew = absl::AbsDuration(clock.Now() - date);
  if (skew <= kTolerableSkew)
    return {"clock", "ok", "agrees with the server's"};
  return {
      "clock", "warn",
      absl::StrCat("differs from the server's by ",
                   absl::FormatDuration(absl::Trunc(skew, absl::Seconds(1))))};
}

Check CheckVersions(CommandContext& context) {
  const auto metrics = Look("/metrics", context);
  const std::string version = metrics.ok() ? VersionIn(metrics->body) : "";
  if (version.empty()) {
    return {"version", "note", "the server does not say which version it is"};
  }
  if (version == kVersion) {
    return {"version", "ok",
            absl::StrCat("server and command are both ", kVersion)};
  }
  return {"version", "warn",
          absl::StrCat("the server is ", version, ", this command ", kVersion)};
}

absl::Status ParseTrustFile(absl::string_view name, absl::string_view text) {
  if (name == "policy") return signing::ParseClientPolicy(text).status();
  if (name == "names") return signing::Names::Parse(text).status();
  return signing::TlogPolicy::Parse(text).status();
}

// By what the server believes; a fault there refuses every plan. Of `names`
// there may be none.
Check CheckTrust(CommandContext& context) {
  for (const char* const name : {"policy", "tlog-policy", "names"}) {
    const auto file = Look(absl::StrCat("/v1/trust/", name), context);
    if (!file.ok() || file->status != 200) continue;
    const absl::Status parsed =
        signing::At({.file = absl::StrCat("trust/", name)},
                    ParseTrustFile(name, file->body));
    if (!parsed.ok()) {
      return {"trust", "error", RefusalText(*signing::RefusalOf(parsed))};
    }
  }
  return {"trust", "ok", "the files in trust/ can be read"};
}

void CheckSources(CommandContext& context, std::vector<Check>* checks) {
  const auto sources = context.api->GetAll("/v1/sources", "sources");
  if (!sources.ok()) {
    checks->push_back(
        {"sources", "error", std::string(sources.status().message())});
    return;
  }
  if (sources->empty()) {
    checks->push_back({"sources", "warn",
                       "there is none; `orrery source add NAME URL` adds one"});
  }
  for (const JsonValue& source : *sources) {
    const std::string state = MemberText(source, "state");
    const std::string error = MemberText(source, "error");
    const int64_t refused = RefusedCount(source);
    std::string verdict = "ok";
    if (state == "failed" || state == "frozen") verdict = "error";
    if (state == "held" || (!error.empty() && verdict == "ok"))
      verdict = "warn";
    std::string text = absl::StrCat(
        state, ", ", Counted(MemberText(source, "packages"), "package"), ", ",
        Counted(MemberText(source, "releases"), "release"));
    if (refused > 0) absl::StrAppend(&text, ", ", refused, " refused");
    if (!error.empty()) absl::StrAppend(&text, ": ", error);
    checks->push_back(
        {absl::StrCat("source ", MemberText(source, "name")), verdict, text});
  }
}

void CheckClusters(CommandContext& context, std::vector<Check>* checks) {
  const auto clusters = context.api->GetAll("/v1/clusters", "clusters");
  if (!clusters.ok()) {
    checks->push_back(
        {"clusters", "error", std::string(clusters.status().message())});
    return;
  }
  for (const JsonValue& cluster : *clusters) {
    const std::string subject =
        absl::StrCat("cluster ", MemberText(cluster, "name"));
    const std::vector<std::string> notes = MemberTexts(cluster, "notes");
    if (notes.empty()) {
      checks->push_back({subject, "ok", MemberText(cluster, "kind")});
    }
    for (const std::string& note : notes) {
      checks->push_back({subject, "note", note});
    }
  }
}

void CheckServices(CommandContext& context, std::vector<Check>* checks) {
  const auto services =
      context.api->GetAll("/v1/clusters/-/services", "services");
  if (!services.ok()) return;  // The look at the clusters has told why.
  for (const JsonValue& service : *services) {
    const std::string state = MemberText(service, "state");
    if (state != "unhealthy" && state != "failed") continue;
    const std::string name = MemberText(service, "name");
    checks->push_back(
        {absl::StrCat("service ", name), "warn",
         absl::StrCat(state, "; see `orrery status ", name, "`")});
  }
}

std::vector<Check> Examine(CommandContext& context) {
  std::vector<Check> checks;
  const auto health = Look("/healthz", context);
  if (!health.ok()) {
    return {{"server", "error", std::string(health.status().message())}};
  }
  if (health->status != 200) {
    return {{"server", "error",
             absl::StrCat(context.api->server(), "/healthz answered ",
                          health->status, "; is that an orreryd?")}};
  }
  const auto ready = Look("/readyz", context);
  const bool is_ready = ready.ok() && ready->status == 200;
  checks.push_back({"server", is_ready ? "ok" : "error",
                    absl::StrCat(context.api->server(),
                                 is_ready ? " answers" : " is not ready yet")});
  checks.push_back(CheckVersions(context));
  checks.push_back(CheckClock(*health, *context.clock));
  checks.push_back(CheckTrust(context));
  CheckSources(context, &checks);
  CheckClusters(context, &checks);
  CheckServices(context, &checks);
  return checks;
}

Colour VerdictColour(const std::string& state) {
  if (state == "ok") return Colour::kGreen;
  if (state == "error") return Colour::kRed;
  return state == "warn" ? Colour::kYellow : Colour::kDim;
}

absl::StatusOr<ExitCode> RunDoctor(const Invocation&, CommandContext& context) {
  bool failed = false;
  std::vector<JsonValue> items;
  Answer answer;
  answer.lines_member = "checks";
  answer.table.columns = {{"STATE"}, {"SUBJECT"}, {"REMARK"}};
  for (const Check& check : Examine(context)) {
    failed = failed || check.state == "error";
    items.push_back(
        JsonValue::Object({{"subject", JsonValue::String(check.subject)},
                           {"state", JsonValue::String(check.state)},
                           {"text", JsonValue::String(check.text)}}));
    answer.names.push_back(check.subject);
    answer.table.rows.push_back({{check.state, VerdictColour(check.state)},
                                 {check.subject},
                                 {check.text}});
  }
  answer.document = ListDocument("checks", std::move(items));
  Print(answer, context);
  return failed ? ExitCode::kFailure : ExitCode::kSuccess;
}

}  // namespace

Command DoctorCommand() {
  Command command;
  command.name = "doctor";
  command.summary = "Look whether server, sources and services are well";
  command.description =
      "Exit 1 when something is wrong that keeps things from working.";
  command.examples = {{"orrery doctor", ""}};
  command.run = RunDoctor;
  return command;
}

}  // namespace orrery::cli
