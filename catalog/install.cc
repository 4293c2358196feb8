#include "catalog/install.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/options_file.h"
#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/uuid.h"
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
  if (request.service != request.package) item.instance = request.service;
  if (!request.range.empty()) {
    ORRERY_ASSIGN_OR_RETURN(item.versions, VersionRange::Parse(request.range));
  }
  return item;
}

// OK when there is an answer that has the service.
absl::Status CheckAnswer(const Resolution& resolution,
                         const RequestItem& item) {
  switch (resolution.status) {
    case resolver::Status::kSolved:
      break;
    case resolver::Status::kUnsatisfiable:
      return registry::WithReason(
          absl::FailedPreconditionError(RefusalText(resolution)),
          "UNSATISFIABLE");
    case resolver::Status::kGaveUp:
      return registry::WithReason(
          absl::ResourceExhaustedError(
              "what else it needs was not found within the steps"),
          "GAVE_UP");
  }
  const ResolvedNode* node = resolution.Find(item.NodeText());
  if (node != nullptr && node->action == NodeAction::kAdd) {
    return absl::OkStatus();
  }
  return registry::WithReason(
      absl::AbortedError(
          absl::StrCat(item.NodeText(), " changed meanwhile; try again")),
      "PLAN_CHANGED");
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
          difference, "; install under another name with --name, or first: ",
          "orrery uninstall ", record.name)),
      "SERVICE_EXISTS", {{"service", record.name}});
}

absl::StatusOr<JsonValue> ParseOptions(const std::string& text) {
  if (text.empty()) return JsonValue::Object();
  absl::StatusOr<JsonValue> options = ParseOptionsFile(text);
  if (options.ok()) return options;
  return registry::WithReason(absl::InvalidArgumentError(absl::StrCat(
                                  "options: ", options.status().message())),
                              "OPTIONS_MALFORMED");
}

}  // namespace

Installer::Installer(CatalogStore* store, const Clusters* clusters,
                     OperationRunner* runner, PackageResolver* resolver,
                     std::function<registry::SnapshotPtr()> snapshot,
                     std::function<absl::Time()> now)
    : store_(store),
      clusters_(clusters),
      runner_(runner),
      resolver_(resolver),
      snapshot_(std::move(snapshot)),
      now_(std::move(now)) {}

absl::StatusOr<Installer::Prepared> Installer::Prepare(
    const InstallRequest& request) const {
  ORRERY_RETURN_IF_ERROR(clusters_->Find(request.cluster).status());
  const std::string& service =
      request.service.empty() ? request.package : request.service;
  ORRERY_ASSIGN_OR_RETURN(const RequestItem item, ItemOf(request));
  ORRERY_ASSIGN_OR_RETURN(const JsonValue options,
                          ParseOptions(request.options));

  // What runs is compared before the catalogue is asked: a release that has
  // left it is still installed.
  const absl::StatusOr<StoredService> existing =
      store_->GetService(request.cluster, service);
  if (existing.ok()) {
    if (!existing->record.operation.empty()) {
      return runner_->BusyError(existing->record);
    }
    ORRERY_RETURN_IF_ERROR(
        CheckSameService(existing->record, request, item.versions, options));
    return Prepared{MakePlan({}, {}), {}};
  }
  if (!absl::IsNotFound(existing.status())) return existing.status();

  const registry::SnapshotPtr snapshot = snapshot_();
  ORRERY_RETURN_IF_ERROR(
      snapshot->Select(request.package, item.versions).status());
  ORRERY_RETURN_IF_ERROR(CheckServiceName(service));
  ResolveQuery query;
  query.cluster = request.cluster;
  query.items = {item};
  query.installed = true;
  query.options[item.NodeText()] = options;
  ORRERY_ASSIGN_OR_RETURN(const Resolution resolution,
                          resolver_->Resolve(query));
  ORRERY_RETURN_IF_ERROR(CheckAnswer(resolution, item));
  InstallSteps steps(store_, clusters_, snapshot.get(), &resolution);
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<StartingService> starting,
      steps.Make(item.NodeText(), options, request.allow_unknown_options));
  std::vector<PlanStep> plan_steps;
  for (const StartingService& one : starting) {
    plan_steps.push_back(one.step);
  }
  return Prepared{MakePlan(std::move(plan_steps), steps.warnings()),
                  std::move(starting)};
}

absl::StatusOr<Plan> Installer::MakeInstallPlan(
    const InstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request));
  return std::move(prepared.plan);
}

absl::StatusOr<InstallStart> Installer::Install(const InstallRequest& request,
                                                const std::string& plan_id) {
  ORRERY_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request));
  Plan& plan = prepared.plan;
  if (!plan_id.empty() && plan_id != plan.id) {
    return registry::WithReason(
        absl::AbortedError(
            "the plan is not what it was when it was shown; plan again"),
        "PLAN_CHANGED");
  }
  if (plan.steps.empty()) return InstallStart{std::move(plan), std::nullopt};

  std::vector<ServiceOperation> begun;
  for (const StartingService& service : prepared.services) {
    begun.push_back(Begin(service, begun));
  }
  const absl::Status stored = store_->PutNew(begun);
  if (absl::IsAborted(stored)) {
    // Somebody else was faster; what is there now says what to answer.
    ORRERY_RETURN_IF_ERROR(Prepare(request).status());
  }
  ORRERY_RETURN_IF_ERROR(stored);
  const std::string& asked =
      request.service.empty() ? request.package : request.service;
  InstallStart start{std::move(plan), std::nullopt};
  for (const ServiceOperation& one : begun) {
    if (one.record.name == asked) start.operation = one.operation;
    runner_->Accept(one.operation);
  }
  return start;
}

ServiceOperation Installer::Begin(
    const StartingService& service,
    const std::vector<ServiceOperation>& before) const {
  const PlanStep& step = service.step;
  ServiceOperation begun;
  Operation& operation = begun.operation;
  operation.name = NewUuid();
  operation.kind = OperationKind::kInstall;
  operation.cluster = step.cluster;
  operation.service = step.service;
  operation.create_time = now_();
  operation.plan = MakePlan({step}, {});
  for (const ServiceOperation& other : before) {
    const auto& after = step.after;
    if (std::find(after.begin(), after.end(), other.record.name) !=
        after.end()) {
      operation.after.push_back(other.operation.name);
    }
  }
  ServiceRecord& record = begun.record;
  record.name = step.service;
  record.cluster = step.cluster;
  record.package = step.package;
  record.release = step.release;
  record.version = step.version;
  record.source = step.source;
  record.source_url = service.source_url;
  record.options = step.options;
  record.computed = step.computed;
  record.features = service.features;
  record.bindings = service.bindings;
  record.manifest = step.manifest;
  record.instances = step.instances;
  record.operation = operation.name;
  record.create_time = operation.create_time;
  return begun;
}

}  // namespace orrery::catalog
