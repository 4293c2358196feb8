#include "catalog/install.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/shell_word.h"
#include "catalog/resolution/change_query.h"
#include "catalog/resolution/named_snapshot.h"
#include "catalog/resolution/request_item.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "resolver/version.h"
#include "resolver/version_range.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using resolver::PrereleaseGate;
using resolver::Version;

bool Allows(const RequestItem& item, const ServiceRecord& record) {
  // Records from before revisions were kept say none.
  const int64_t runs = std::max<int64_t>(record.revision, 1);
  if (item.revision.value_or(runs) != runs) return false;
  if (item.versions.is_any()) return true;
  const absl::StatusOr<Version> version = Version::Parse(record.version);
  return version.ok() &&
         item.versions.Contains(*version, static_cast<uint64_t>(record.release),
                                PrereleaseGate::kOpen);
}

absl::Status Exists(const ServiceRecord& record, absl::string_view difference,
                    absl::string_view way_out) {
  return registry::WithReason(
      absl::AlreadyExistsError(absl::StrCat(
          "service ", record.name, " exists on ", record.cluster, " with ",
          difference, "; install under another name with --name, or ",
          way_out)),
      "SERVICE_EXISTS", {{"service", record.name}});
}

bool HasAll(const std::vector<std::string>& features,
            const std::vector<std::string>& wanted) {
  return std::all_of(
      wanted.begin(), wanted.end(), [&features](const std::string& feature) {
        return std::find(features.begin(), features.end(), feature) !=
               features.end();
      });
}

// The command that gives the service what was asked for.
std::string UpgradeTo(const ServiceRecord& record, absl::string_view range) {
  return absl::StrCat(
      "change it: orrery upgrade ",
      ShellWord(range.empty() ? record.name
                              : absl::StrCat(record.name, "@", range)));
}

// OK when the service already is what is asked for.
absl::Status CheckSameService(const ServiceRecord& record,
                              const InstallRequest& request,
                              const RequestItem& item,
                              const JsonValue& options) {
  std::string difference;
  std::string way_out = UpgradeTo(record, request.range);
  if (record.package != request.package) {
    difference = absl::StrCat("package ", record.package);
    way_out = absl::StrCat("first: orrery uninstall ", record.name);
  } else if (!Allows(item, record)) {
    difference = absl::StrCat("version ", record.version, " (release ",
                              record.release, ")");
  } else if (!HasAll(record.features, request.features)) {
    difference = record.features.empty()
                     ? "no feature"
                     : absl::StrCat("the features ",
                                    absl::StrJoin(record.features, ", "));
  } else {
    ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument stored,
                            registry::ParseJson(record.options));
    if (stored.root == DropNulls(options)) return absl::OkStatus();
    difference = absl::StrCat("the options ", record.options);
    absl::StrAppend(&way_out, " with the options that it is to have");
  }
  return Exists(record, difference, way_out);
}

// What runs is not moved by an installation, whatever a lock says.
absl::Status CheckStays(const ServiceRecord& record,
                        const PreparedPlan& prepared) {
  for (const PlannedService& planned : prepared.services) {
    const PlanStep& step = planned.step;
    if (step.service != record.name) continue;
    if (step.action == PlanAction::kUpdate && step.release == record.release &&
        step.source == record.source) {
      continue;
    }
    return Exists(record,
                  absl::StrCat("version ", record.version, " (release ",
                               record.release, ")"),
                  UpgradeTo(record, ""));
  }
  return absl::OkStatus();
}

// Whether a service that is what is asked for is not all that is asked for.
bool AsksForMore(const ResolveQuery& choices) {
  return choices.lock.has_value() || choices.locked || choices.write_lock ||
         choices.update_all || !choices.update.empty() ||
         !choices.remove.empty() || !choices.bindings.empty() ||
         !choices.trees.empty();
}

}  // namespace

absl::StatusOr<PreparedPlan> Installer::Prepare(
    const InstallRequest& request) const {
  ORRERY_RETURN_IF_ERROR(planner_.clusters().Find(request.cluster).status());
  const std::string& service =
      request.service.empty() ? request.package : request.service;
  ORRERY_ASSIGN_OR_RETURN(
      const RequestItem item,
      ServiceItem(request.package, service, request.range, request.features));
  ORRERY_ASSIGN_OR_RETURN(JsonValue options, ParseUserOptions(request.options));

  // What runs is compared before the catalogue is asked: a release that has
  // left it is still installed.
  const absl::StatusOr<StoredService> existing =
      planner_.store().GetService(request.cluster, service);
  if (existing.ok()) {
    if (!existing->record.operation.empty()) {
      return planner_.runner().BusyError(existing->record);
    }
    ORRERY_RETURN_IF_ERROR(
        CheckSameService(existing->record, request, item, options));
    // From now on it is there because somebody asked for it.
    if (existing->record.added_for.empty() && !AsksForMore(request.choices)) {
      return PreparedPlan{MakePlan({}, {}), {}, {}};
    }
  } else if (!absl::IsNotFound(existing.status())) {
    return existing.status();
  } else {
    // What is named by its content may have left all sources.
    if (ContentsNamedBy(request.choices).empty()) {
      ORRERY_RETURN_IF_ERROR(
          planner_.snapshot()->GetPackage(request.package).status());
    }
    ORRERY_RETURN_IF_ERROR(CheckServiceName(service));
  }
  ResolveQuery query = request.choices;
  query.cluster = request.cluster;
  AskToInstall(item, std::move(options), &query);
  const StepWishes wishes = {item.NodeText(), /*is_wanted=*/true, query.options,
                             request.allow_unknown_options};
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, planner_.Make(query, wishes));
  if (existing.ok()) {
    ORRERY_RETURN_IF_ERROR(CheckStays(existing->record, prepared));
  }
  return prepared;
}

absl::StatusOr<Plan> Installer::MakeInstallPlan(
    const InstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, Prepare(request));
  return std::move(prepared.plan);
}

absl::StatusOr<StartedPlan> Installer::Install(
    const InstallRequest& request, const std::string& plan_id) const {
  return planner_.Start([&] { return Prepare(request); }, plan_id);
}

}  // namespace orrery::catalog
