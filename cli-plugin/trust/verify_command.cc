#include "cli-plugin/trust/verify_command.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/trust/release_query.h"
#include "cli-plugin/trust/service_admission.h"
#include "cli-plugin/trust/trust_flags.h"
#include "cli-plugin/trust/verify_report.h"

#include "catalog/verify/verifier.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

absl::StatusOr<std::vector<catalog::ReleaseQuery>> ReadQueries(
    const Invocation& invocation) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<catalog::ReleaseQuery> queries,
                          ReadReleaseQueries(invocation));
  const int kinds = (queries.empty() ? 0 : 1) +
                    (invocation.Has("all") ? 1 : 0) +
                    (invocation.Has("services") ? 1 : 0);
  if (kinds != 1) {
    return UsageError("name packages, or say --all, or --services");
  }
  if (invocation.Has("services") && invocation.Has("offline")) {
    return UsageError(
        "which services there are is asked of orreryd: --services and "
        "--offline cannot go together");
  }
  return queries;
}

absl::StatusOr<TrustNews> TellNews(const Trust& trust,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(TrustNews news, ReadNews(*trust.verifier));
  for (const std::string& line : NewsLines(news)) context.terminal->Note(line);
  return news;
}

// Prints the answer of a command that is `code`; what is new was then told, and
// is not again.
ExitCode Finish(ExitCode code, const Answer& answer, const Trust& trust,
                CommandContext& context) {
  if (code == ExitCode::kSuccess) Print(answer, context);
  const bool is_told = context.terminal->writes_json()
                           ? code == ExitCode::kSuccess
                           : !context.settings->quiet;
  // The verdict stands, and whoever is told twice loses nothing.
  if (is_told) (void)trust.verifier->MarkTold();
  return code;
}

// Tells those that are refused; the exit code is that of the first.
absl::StatusOr<ExitCode> VerifyServices(const Trust& trust,
                                        CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<JsonValue> services,
      context.api->GetAll("/v1/clusters/-/services", "services"));
  ExitCode code = ExitCode::kSuccess;
  for (const JsonValue& service : services) {
    const absl::Status status = CheckService(service, *trust.verifier);
    if (status.ok()) continue;
    if (!signing::RefusalOf(status).has_value()) return status;
    if (code == ExitCode::kSuccess) code = ExitCodeOf(status);
    TellRefusedService(service, status, context);
  }
  ORRERY_ASSIGN_OR_RETURN(const TrustNews news, TellNews(trust, context));
  return Finish(code, ServicesAnswer(services, news), trust, context);
}

absl::StatusOr<ExitCode> RunVerify(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<catalog::ReleaseQuery> queries,
                          ReadQueries(invocation));
  ORRERY_ASSIGN_OR_RETURN(const Trust trust, OpenTrust(invocation, context));
  if (invocation.Has("services")) return VerifyServices(trust, context);
  ExitCode code = ExitCode::kSuccess;
  const auto refuse = [&](const absl::Status& refusal) {
    if (code == ExitCode::kSuccess) code = ExitCodeOf(refusal);
    TellRefusal(refusal, context);
  };
  if (invocation.Has("all")) {
    ORRERY_ASSIGN_OR_RETURN(const catalog::Verifier::RoutedNames names,
                            trust.verifier->RoutedPackages());
    for (const absl::Status& refusal : names.refused) refuse(refusal);
    for (const std::string& name : names.packages) {
      queries.push_back({.package = name});
    }
  }
  std::stable_sort(
      queries.begin(), queries.end(),
      [](const auto& a, const auto& b) { return a.package < b.package; });
  std::vector<catalog::VerifiedRelease> verified;
  for (const catalog::ReleaseQuery& query : queries) {
    auto release = trust.verifier->Verify(query);
    if (release.ok()) {
      // The files are not told.
      release->files.clear();
      release->overlays.clear();
      verified.push_back(*std::move(release));
    } else if (signing::RefusalOf(release.status()).has_value()) {
      refuse(release.status());
    } else {
      return release.status();
    }
  }
  ORRERY_ASSIGN_OR_RETURN(const TrustNews news, TellNews(trust, context));
  return Finish(code, VerifyAnswer(verified, news), trust, context);
}

}  // namespace

Command VerifyCommand() {
  Command command;
  command.name = "verify";
  command.summary = "Check releases against the registry's log and your policy";
  command.description =
      "Reads the log of the registry that the policy routes each package to, "
      "from its first leaf to its signed checkpoint, and checks that the "
      "release is in it, that the policy admits it, that those signed it who "
      "must, and that its files are the logged ones. Nothing is "
      "installed.\n\n"
      "Without a release: the newest that passes. With --services: whether "
      "policy and log of today would admit what runs, which is left alone "
      "either way. Exit 0 when all pass; else "
      "each refused one is a line on standard error, and the exit code is that "
      "of the first: 10 trust files, 11 log, 12 record, 13 policy, name or "
      "version, 14 content, 20 local state.\n\n"
      "The policy is --policy, else $ORRERY_POLICY, "
      "$XDG_CONFIG_HOME/orrery/policy, /etc/orrery/policy. Without any, a "
      "server on this machine is believed. Offline, what was verified before "
      "is all there is, and it may be older than the policy's max-age by its "
      "offline-grace.";
  command.examples = {{"orrery verify kafka", ""},
                      {"orrery verify kafka@release=57#2 spark -o json", ""},
                      {"orrery verify --all --offline", ""},
                      {"orrery verify --services", ""},
                      {"orrery verify kafka --mirror /mnt/mirror", ""}};
  command.flags = TrustFlags();
  command.flags.push_back(
      {.name = "all", .help = "every package that the policy routes to a log"});
  command.flags.push_back(
      {.name = "services", .help = "what is installed, wherever it runs"});
  command.arguments = {ReleaseQueryArgument()};
  command.run = RunVerify;
  return command;
}

}  // namespace orrery::cli
