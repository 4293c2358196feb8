#include "catalog/install.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/merge_options.h"
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
using resolver::VersionRange;

bool Allows(const VersionRange& range, const ServiceRecord& record) {
  if (range.is_any()) return true;
  const absl::StatusOr<Version> version = Version::Parse(record.version);
  return version.ok() &&
         range.Contains(*version, static_cast<uint64_t>(record.release),
                        PrereleaseGate::kOpen);
}

absl::StatusOr<RequestItem> ItemOf(const InstallRequest& request) {
  RequestItem item;
  item.name = request.package;
  item.features = request.features;
  if (request.service != request.package) item.instance = request.service;
  if (!request.range.empty()) {
    ORRERY_ASSIGN_OR_RETURN(item.versions, VersionRange::Parse(request.range));
  }
  return item;
}

// OK when the service already is what is asked for.
absl::Status CheckSameService(const ServiceRecord& record,
                              const InstallRequest& request,
                              const VersionRange& range,
                              const JsonValue& options) {
  std::string difference;
  if (record.package != request.package) {
    difference = absl::StrCat("package ", record.package);
  } else if (!Allows(range, record)) {
    difference = absl::StrCat("version ", record.version, " (release ",
                              record.release, ")");
  } else {
    ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument stored,
                            registry::ParseJson(record.options));
    if (stored.root == DropNulls(options)) return absl::OkStatus();
    difference = absl::StrCat("the options ", record.options);
  }
  return registry::WithReason(
      absl::AlreadyExistsError(absl::StrCat(
          "service ", record.name, " exists on ", record.cluster, " with ",
          difference, "; install under another name with --name, or ",
          record.package == request.package
              ? absl::StrCat("change it: orrery upgrade ", record.name)
              : absl::StrCat("first: orrery uninstall ", record.name))),
      "SERVICE_EXISTS", {{"service", record.name}});
}

}  // namespace

absl::StatusOr<PreparedPlan> Installer::Prepare(
    const InstallRequest& request) const {
  ORRERY_RETURN_IF_ERROR(planner_.clusters().Find(request.cluster).status());
  const std::string& service =
      request.service.empty() ? request.package : request.service;
  ORRERY_ASSIGN_OR_RETURN(const RequestItem item, ItemOf(request));
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
        CheckSameService(existing->record, request, item.versions, options));
    return PreparedPlan{MakePlan({}, {}), {}, ""};
  }
  if (!absl::IsNotFound(existing.status())) return existing.status();

  ORRERY_RETURN_IF_ERROR(
      planner_.snapshot()->GetPackage(request.package).status());
  ORRERY_RETURN_IF_ERROR(CheckServiceName(service));
  ResolveQuery query = request.choices;
  query.cluster = request.cluster;
  query.items.insert(query.items.begin(), item);
  query.installed = true;
  // A question without options is the same whether they were left out or empty.
  if (!options.members().empty()) {
    query.options[item.NodeText()] = std::move(options);
  }
  const StepWishes wishes = {item.NodeText(), query.options,
                             request.allow_unknown_options};
  return planner_.Make(query, wishes);
}

absl::StatusOr<Plan> Installer::MakeInstallPlan(
    const InstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, Prepare(request));
  return std::move(prepared.plan);
}

absl::StatusOr<StartedPlan> Installer::Install(
    const InstallRequest& request, const std::string& plan_id) const {
  ORRERY_ASSIGN_OR_RETURN(PreparedPlan prepared, Prepare(request));
  absl::StatusOr<StartedPlan> started =
      planner_.Start(std::move(prepared), plan_id);
  if (absl::IsAborted(started.status()) &&
      registry::ReasonOf(started.status()).reason.empty()) {
    // Somebody else was faster; what is there now says what to answer.
    ORRERY_RETURN_IF_ERROR(Prepare(request).status());
  }
  return started;
}

}  // namespace orrery::catalog
