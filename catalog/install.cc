#include "catalog/install.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/artifact_pins.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/options/options_file.h"
#include "catalog/options/unknown_options.h"
#include "catalog/render.h"
#include "catalog/uuid.h"
#include "registry/error_details.h"
#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::FieldFault;
using registry::JsonValue;
using registry::Release;
using registry::ReleaseRange;

constexpr char kArtifactsFile[] = "artifacts.json";

// What Allows looks at.
Release ReleaseOf(const ServiceRecord& record) {
  Release release;
  release.name = record.package;
  release.release = record.release;
  release.version = record.version;
  return release;
}

// OK when the service already is what is asked for.
absl::Status CheckSameService(const ServiceRecord& record,
                              const InstallRequest& request,
                              const ReleaseRange& range,
                              const JsonValue& options) {
  std::string difference;
  if (record.package != request.package) {
    difference = absl::StrCat("package ", record.package);
  } else if (!range.Allows(ReleaseOf(record))) {
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

// Refuses options that the schema does not know, or lists them for the plan.
absl::StatusOr<std::vector<PlanOption>> CheckUnknown(
    const std::string& config_json, const JsonValue& options, bool allowed) {
  std::vector<PlanOption> undeclared;
  if (config_json.empty()) return undeclared;
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument config,
                          registry::ParseJson(config_json));
  std::vector<FieldFault> faults;
  for (const UnknownOption& unknown : UnknownOptions(config.root, options)) {
    FieldFault fault;
    fault.pointer = unknown.pointer;
    fault.message = UnknownOptionText(unknown);
    faults.push_back(std::move(fault));
    if (const JsonValue* value =
            registry::AtPointer(options, unknown.pointer)) {
      undeclared.push_back({unknown.pointer, OptionTypeName(*value),
                            registry::WriteJson(*value)});
    }
  }
  if (faults.empty() || allowed) return undeclared;
  std::vector<std::string> lines;
  for (const FieldFault& fault : faults) lines.push_back(fault.message);
  return registry::WithFieldFaults(
      registry::WithReason(
          absl::InvalidArgumentError(absl::StrJoin(lines, "\n")),
          "UNKNOWN_OPTION"),
      faults);
}

// The files of a release that rendering needs; empty ones are not there.
struct ReleaseTexts {
  std::string package_json;
  std::string config_json;
  std::string resource_json;
  std::string command_json;
  std::string marathon_template;
  std::string artifacts_json;
};

absl::StatusOr<ReleaseTexts> ReadTexts(const registry::Snapshot& snapshot,
                                       const Release& release) {
  ReleaseTexts texts;
  const std::pair<const char*, std::string*> files[] = {
      {registry::kPackageFile, &texts.package_json},
      {registry::kConfigFile, &texts.config_json},
      {registry::kResourceFile, &texts.resource_json},
      {registry::kCommandFile, &texts.command_json},
      {registry::kTemplateFile, &texts.marathon_template},
      {kArtifactsFile, &texts.artifacts_json}};
  for (const auto& [name, text] : files) {
    ORRERY_ASSIGN_OR_RETURN(*text, snapshot.ReadOptionalFile(release, name));
  }
  return texts;
}

std::optional<absl::string_view> Present(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return absl::string_view(text);
}

ReleaseBytes BytesOf(const ReleaseTexts& texts, int64_t release) {
  ReleaseBytes bytes;
  bytes.package_json = texts.package_json;
  bytes.config_json = Present(texts.config_json);
  bytes.resource_json = Present(texts.resource_json);
  bytes.command_json = Present(texts.command_json);
  bytes.marathon_template = Present(texts.marathon_template);
  bytes.release = release;
  return bytes;
}

absl::Status ManifestError(const Release& release,
                           const std::vector<Violation>& violations) {
  std::vector<FieldFault> faults;
  std::vector<std::string> lines;
  for (const Violation& violation : violations) {
    FieldFault fault;
    fault.pointer = violation.path;
    fault.message = absl::StrCat(violation.path, ": ", violation.text);
    lines.push_back(fault.message);
    faults.push_back(std::move(fault));
  }
  return registry::WithFieldFaults(
      registry::WithReason(
          absl::FailedPreconditionError(
              absl::StrCat("the app of ", release.name, " ", release.version,
                           " cannot run here:\n", absl::StrJoin(lines, "\n"))),
          "MANIFEST_INVALID"),
      faults);
}

}  // namespace

Installer::Installer(CatalogStore* store, const Clusters* clusters,
                     OperationRunner* runner,
                     std::function<registry::SnapshotPtr()> snapshot,
                     std::function<absl::Time()> now)
    : store_(store),
      clusters_(clusters),
      runner_(runner),
      snapshot_(std::move(snapshot)),
      now_(std::move(now)) {}

absl::StatusOr<Installer::Prepared> Installer::Prepare(
    const InstallRequest& request) const {
  ORRERY_ASSIGN_OR_RETURN(Orchestrator * cluster,
                          clusters_->Find(request.cluster));
  const std::string& service =
      request.service.empty() ? request.package : request.service;
  ORRERY_ASSIGN_OR_RETURN(const ReleaseRange range,
                          ReleaseRange::Parse(request.range));
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
        CheckSameService(existing->record, request, range, options));
    return Prepared{MakePlan({}, {}), existing->record.source_url};
  }
  if (!absl::IsNotFound(existing.status())) return existing.status();

  const registry::SnapshotPtr snapshot = snapshot_();
  ORRERY_ASSIGN_OR_RETURN(const registry::ReleasePtr release,
                          snapshot->Select(request.package, range));
  ORRERY_RETURN_IF_ERROR(CheckServiceName(service));
  ORRERY_ASSIGN_OR_RETURN(const ReleaseTexts texts,
                          ReadTexts(*snapshot, *release));

  PlanStep step;
  step.cluster = request.cluster;
  step.service = service;
  step.package = release->name;
  step.release = release->release;
  step.version = release->version;
  step.source = release->source;
  // A null overrides a default, and is judged as such; it is not kept.
  step.options = registry::WriteJson(DropNulls(options));
  ORRERY_ASSIGN_OR_RETURN(
      step.undeclared_options,
      CheckUnknown(texts.config_json, options, request.allow_unknown_options));
  ORRERY_ASSIGN_OR_RETURN(
      step.artifacts, ArtifactPins(texts.resource_json, texts.artifacts_json));

  Prepared prepared;
  if (const auto* source = snapshot->FindSource(release->source)) {
    prepared.source_url = source->url;
  }
  RenderRequest render;
  render.options = options;
  render.source_url = prepared.source_url;
  render.app_id = absl::StrCat("/", service);
  ORRERY_ASSIGN_OR_RETURN(render.labels["ORRERY_OWNER"], store_->OwnerId());
  render.labels["ORRERY_SERVICE"] = service;
  ORRERY_ASSIGN_OR_RETURN(const RenderedApp app,
                          RenderApp(BytesOf(texts, release->release), render));
  step.manifest = registry::WriteJson(app.app);

  ORRERY_ASSIGN_OR_RETURN(
      AppForecast forecast,
      cluster->DryRun({service, step.manifest, step.artifacts}));
  if (!forecast.violations.empty()) {
    return ManifestError(*release, forecast.violations);
  }
  step.instances = forecast.instances;
  prepared.plan = MakePlan({std::move(step)}, std::move(forecast.warnings));
  return prepared;
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

  const PlanStep& step = plan.steps.front();
  Operation operation;
  operation.name = NewUuid();
  operation.kind = OperationKind::kInstall;
  operation.cluster = step.cluster;
  operation.service = step.service;
  operation.create_time = now_();

  ServiceRecord record;
  record.name = step.service;
  record.cluster = step.cluster;
  record.package = step.package;
  record.release = step.release;
  record.version = step.version;
  record.source = step.source;
  record.source_url = prepared.source_url;
  record.options = step.options;
  record.manifest = step.manifest;
  record.instances = step.instances;
  record.operation = operation.name;
  record.create_time = operation.create_time;

  operation.plan = plan;
  const absl::Status stored = store_->Put(operation, record, 0);
  if (absl::IsAborted(stored)) {
    // Somebody else was faster; what is there now says what to answer.
    ORRERY_RETURN_IF_ERROR(Prepare(request).status());
  }
  ORRERY_RETURN_IF_ERROR(stored);
  runner_->Accept(operation);
  return InstallStart{std::move(plan), std::move(operation)};
}

}  // namespace orrery::catalog
