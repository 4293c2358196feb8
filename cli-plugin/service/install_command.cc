#include "cli-plugin/service/install_command.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/catalog/package_reference.h"
#include "cli-plugin/service/install_options.h"
#include "cli-plugin/service/plan_run.h"
#include "cli-plugin/service/service_commands.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// The release to install, for its schema and notes. One that has left the
// catalogue is null: whether the service is there already is the server's to
// say, and so is that the package is unknown. Single options need the schema.
absl::StatusOr<JsonValue> GetRelease(const PackageReference& reference,
                                     const Invocation& invocation,
                                     CommandContext& context) {
  Query query;
  if (!reference.range.empty()) {
    query.push_back({"range", reference.VersionsText()});
  }
  auto release =
      context.api->Get(absl::StrCat("/v1/packages/", reference.name), query);
  if (absl::IsNotFound(release.status()) && !invocation.Has("set")) {
    return JsonValue();
  }
  return release;
}

// What says something of one service cannot be said of several.
absl::Status CheckSeveral(const std::vector<std::string>& packages,
                          const Invocation& invocation) {
  if (packages.size() < 2) return absl::OkStatus();
  for (const char* flag : {"name", "options", "set", "unset",
                           "allow-unknown-options", "package-version"}) {
    if (!invocation.Has(flag)) continue;
    return UsageError(absl::StrCat("--", flag, " is said of one package, and ",
                                   packages.size(),
                                   " are given; install that one by itself"));
  }
  return absl::OkStatus();
}

// Further packages are further items of the question.
absl::Status AddOthers(std::span<const std::string> packages,
                       AskedChange* change) {
  if (packages.empty()) return absl::OkStatus();
  JsonValue items = JsonValue::Array();
  for (const std::string& text : packages) {
    ORRERY_ASSIGN_OR_RETURN(const PackageReference item, ParseItem(text));
    ORRERY_RETURN_IF_ERROR(ParsePackageReference(item.name).status());
    change->others.push_back(item.service.empty() ? item.name : item.service);
    items.items().push_back(JsonValue::String(text));
  }
  JsonValue resolution = JsonValue::Object();
  if (const JsonValue* given = change->request.Find("resolution")) {
    resolution = *given;
  }
  resolution.Set("items", std::move(items));
  change->request.Set("resolution", std::move(resolution));
  return absl::OkStatus();
}

absl::StatusOr<AskedChange> Prepare(const Invocation& invocation,
                                    CommandContext& context) {
  const std::vector<std::string> packages = invocation.Words("PACKAGE");
  ORRERY_RETURN_IF_ERROR(CheckSeveral(packages, invocation));
  ORRERY_ASSIGN_OR_RETURN(PackageReference reference,
                          ParseItem(packages.front()));
  ORRERY_RETURN_IF_ERROR(ParsePackageReference(reference.name).status());
  if (invocation.Has("package-version")) {
    reference.range = absl::StrCat("=", invocation.Text("package-version"));
  }
  if (!reference.service.empty() && invocation.Has("name")) {
    return UsageError("name the service either by --name or by PACKAGE@NAME");
  }
  AskedChange change;
  change.cluster = ClusterOf(invocation);
  change.service = reference.service.empty()
                       ? invocation.Text("name", reference.name)
                       : reference.service;
  change.path = absl::StrCat("/v1/clusters/", PercentEncoded(change.cluster),
                             "/services");
  change.doing = "installing";
  change.nothing =
      absl::StrCat(change.service, " is already installed with these options");
  ORRERY_ASSIGN_OR_RETURN(change.release,
                          GetRelease(reference, invocation, context));
  const JsonValue* config = change.release.Find("config");
  ORRERY_ASSIGN_OR_RETURN(
      InstallOptions built,
      BuildInstallOptions(invocation.flags(),
                          config == nullptr ? JsonValue() : *config,
                          context.terminal->streams().read_all));
  for (const std::string& warning : built.warnings) {
    context.terminal->Warn(warning);
  }
  change.request = JsonValue::Object(
      {{"package", JsonValue::String(reference.name)},
       {"range", JsonValue::String(reference.range)},
       {"service", JsonValue::String(change.service)},
       {"options", std::move(built.options)},
       {"allow_unknown_options",
        JsonValue::Bool(invocation.Has("allow-unknown-options"))}});
  ORRERY_RETURN_IF_ERROR(
      AddResolution(reference, invocation, context, &change.request));
  ORRERY_RETURN_IF_ERROR(AddOthers(std::span(packages).subspan(1), &change));
  return change;
}

absl::StatusOr<ExitCode> RunInstall(const Invocation& invocation,
                                    CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const AskedChange change,
                          Prepare(invocation, context));
  return PlanAndRun(change, invocation, context);
}

}  // namespace

Command InstallCommand() {
  Command command;
  command.name = "install";
  command.summary =
      "Install packages as services and wait until they are healthy";
  command.description =
      "Plans first, shows the plan, asks, and then does exactly what was "
      "shown. "
      "PATH of an option is dotted (service.mem; \\. is a dot in a name) or a "
      "JSON pointer (/service/mem); VALUE is read by the type that the package "
      "declares there.\n\n"
      "Services that the package needs and that are not there are part of the "
      "plan: they start first, and their outputs fill the options that the "
      "package binds to them. A service that runs is made another release only "
      "where it must, and the plan says why.\n\n"
      "Before anything is begun, each release of the plan is verified against "
      "the registry's log by your policy, as `orrery verify` does; what is "
      "refused there ends with its code (exit 10 to 20) and nothing starts.\n\n"
      "A service that is already there with an allowed release and the same "
      "options is left alone. One that differs is never changed in silence: "
      "that is exit 4.";
  command.examples = {
      {"orrery install kafka", ""},
      {"orrery install kafka --set brokers.count=3 --yes", ""},
      {"orrery install kafka spark cassandra --yes", ""},
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
      {.name = "package-version",
       .value = "LABEL",
       .help = "the same as PACKAGE@=LABEL"}};
  for (Flag& flag : PlanFlags()) command.flags.push_back(std::move(flag));
  command.arguments = {{.name = "PACKAGE",
                        .help = "name, or name@RANGE, as in 'name@>=2.0', "
                                "name@=LABEL, name@release=N; name[FEATURE] "
                                "switches a feature on; several are planned "
                                "and started together",
                        .kind = ValueKind::kPackage,
                        .repeatable = true}};
  command.run = RunInstall;
  return command;
}

}  // namespace orrery::cli
