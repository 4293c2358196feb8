#include "cli-plugin/service/upgrade_command.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/catalog/package_reference.h"
#include "cli-plugin/http/api_client.h"
#include "cli-plugin/service/install_options.h"
#include "cli-plugin/service/plan_run.h"
#include "cli-plugin/service/service_commands.h"
#include "cli-plugin/text/json_member.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// A null for each option that goes back to its default.
absl::StatusOr<JsonValue> Unsettings(const std::vector<std::string>& paths) {
  JsonValue unset = JsonValue::Object();
  for (const std::string& text : paths) {
    const auto path = catalog::ParseOptionPath(text);
    if (!path.ok()) {
      return UsageError(
          absl::StrCat("--unset ", text, ": ", path.status().message()));
    }
    unset = catalog::MergeOptions(std::move(unset),
                                  catalog::ObjectWith(*path, JsonValue()));
  }
  return unset;
}

// What is given over the options that the service has. Single ones are read by
// the schema of the release that it is to have.
absl::StatusOr<JsonValue> OptionsOf(const PackageReference& item,
                                    AskedChange& change,
                                    const Invocation& invocation,
                                    CommandContext& context) {
  JsonValue config;
  if (invocation.Has("set")) {
    ORRERY_ASSIGN_OR_RETURN(
        const JsonValue service,
        context.api->Get(ServicePath(change.cluster, change.service)));
    Query query;
    if (!item.range.empty()) {
      query.push_back({"range", item.VersionsText()});
    }
    ORRERY_ASSIGN_OR_RETURN(
        change.release,
        context.api->Get(
            absl::StrCat("/v1/packages/", MemberText(service, "package")),
            query));
    if (const JsonValue* found = change.release.Find("config")) {
      config = *found;
    }
  }
  std::vector<Invocation::Given> given;
  for (const Invocation::Given& flag : invocation.flags()) {
    if (flag.name == "options" || flag.name == "set") given.push_back(flag);
  }
  ORRERY_ASSIGN_OR_RETURN(
      InstallOptions built,
      BuildInstallOptions(given, config, context.terminal->streams().read_all));
  ORRERY_ASSIGN_OR_RETURN(JsonValue unset,
                          Unsettings(invocation.Texts("unset")));
  return catalog::MergeOptions(std::move(built.options), std::move(unset));
}

absl::StatusOr<ExitCode> RunUpgrade(const Invocation& invocation,
                                    CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const PackageReference item,
                          ParseItem(invocation.Word("SERVICE")));
  if (!item.service.empty()) {
    return UsageError(absl::StrCat(
        "an upgrade takes the name of the service alone; say ", item.service,
        item.features.empty()
            ? ""
            : absl::StrCat("[", absl::StrJoin(item.features, ","), "]"),
        item.range.empty() ? "" : "@", item.range));
  }
  AskedChange change;
  change.cluster = ClusterOf(invocation);
  change.service = item.name;
  change.path =
      absl::StrCat(ServicePath(change.cluster, change.service), ":upgrade");
  change.doing = "upgrading";
  change.nothing = absl::StrCat(change.service, " stays as it is");
  ORRERY_ASSIGN_OR_RETURN(JsonValue options,
                          OptionsOf(item, change, invocation, context));
  change.request = JsonValue::Object(
      {{"range", JsonValue::String(item.range)},
       {"options", std::move(options)},
       {"allow_unknown_options",
        JsonValue::Bool(invocation.Has("allow-unknown-options"))}});
  ORRERY_RETURN_IF_ERROR(
      AddResolution(item, invocation, context, &change.request));
  return PlanAndRun(change, invocation, context);
}

absl::StatusOr<ExitCode> RunRollback(const Invocation& invocation,
                                     CommandContext& context) {
  AskedChange change;
  change.cluster = ClusterOf(invocation);
  change.service = invocation.Word("SERVICE");
  change.path =
      absl::StrCat(ServicePath(change.cluster, change.service), ":upgrade");
  change.doing = "rolling back";
  change.takes_label_down = true;
  change.nothing = absl::StrCat(change.service, " stays as it is");
  change.request = JsonValue::Object({{"rollback", JsonValue::Bool(true)}});
  ORRERY_RETURN_IF_ERROR(
      AddResolution(PackageReference(), invocation, context, &change.request));
  // What it was is older, which is what is asked for.
  JsonValue resolution = JsonValue::Object();
  if (const JsonValue* given = change.request.Find("resolution")) {
    resolution = *given;
  }
  resolution.Set("allow_downgrade", JsonValue::Bool(true));
  change.request.Set("resolution", std::move(resolution));
  return PlanAndRun(change, invocation, context);
}

}  // namespace

Command RollbackCommand() {
  Command command;
  command.name = "rollback";
  command.summary = "Make a service what it was before its last change";
  command.description =
      "Goes back to the release, options and features that the service had "
      "before it became what it is, as far as those ran: the last three are "
      "kept. The release is the very content that ran, also when it was "
      "edited, withdrawn or yanked since, unless your policy bars it. Plans "
      "first, shows the plan, asks, and then does exactly what was shown. The "
      "package says which releases its data can go back to (downgradesTo). "
      "What does not come up goes on as what it is now.";
  command.examples = {{"orrery rollback kafka --dry-run", ""},
                      {"orrery rollback kafka --yes", ""}};
  command.flags = {ClusterFlag()};
  for (Flag& flag : PlanFlags()) command.flags.push_back(std::move(flag));
  command.arguments = {ServiceArgument()};
  command.run = RunRollback;
  return command;
}

Command UpgradeCommand() {
  Command command;
  command.name = "upgrade";
  command.summary = "Make a service the newest release that fits";
  command.description =
      "Plans first, shows the plan, asks, and then does exactly what was "
      "shown. Others are moved only where they must be, and the plan says why; "
      "what stays below its newest release is said with what holds it back. "
      "Options keep what the user gave them, and take the new defaults "
      "otherwise.\n\n"
      "Before anything is begun, each release of the plan is verified against "
      "the registry's log by your policy, as `orrery verify` does.\n\n"
      "A release that does not come up is taken back: what ran before runs "
      "again.";
  command.examples = {{"orrery upgrade kafka --dry-run", ""},
                      {"orrery upgrade 'kafka@^2' --yes", ""},
                      {"orrery upgrade kafka --hold zookeeper", ""}};
  command.flags = {
      ClusterFlag(),
      {.name = "options",
       .value = "FILE",
       .help = "options over those the service has, - for standard input; a "
               "later file wins",
       .kind = ValueKind::kFile,
       .repeatable = true},
      {.name = "set",
       .value = "PATH=VALUE",
       .help = "one option, over those of files",
       .repeatable = true},
      {.name = "unset",
       .value = "PATH",
       .help = "take one option back to its default",
       .repeatable = true},
      {.name = "allow-unknown-options",
       .help = "let options pass that the package does not declare"}};
  for (Flag& flag : PlanFlags()) command.flags.push_back(std::move(flag));
  command.arguments = {{.name = "SERVICE",
                        .help = "name, or name@RANGE, as in 'kafka@>=2.0'; "
                                "name[FEATURE] switches a feature on",
                        .kind = ValueKind::kService}};
  command.run = RunUpgrade;
  return command;
}

}  // namespace orrery::cli
