#include "catalog/planning/service_step.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/manifest/violation.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/options/unknown_options.h"
#include "catalog/planning/artifact_pins.h"
#include "catalog/rendering/render.h"
#include "registry/format/json_parse.h"
#include "registry/judge/tree_hash.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::FieldFault;
using registry::JsonValue;
using registry::Release;

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
      {registry::kArtifactsFile, &texts.artifacts_json}};
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

// What an update may not change is no fault of the template: null then.
absl::Status ManifestError(const Release& release,
                           const std::vector<Violation>& violations,
                           const RenderedApp* rendered) {
  std::vector<FieldFault> faults;
  std::vector<std::string> lines;
  for (const Violation& violation : violations) {
    FieldFault fault;
    fault.pointer = violation.path;
    fault.message = absl::StrCat(violation.path, ": ", violation.text);
    if (rendered != nullptr) {
      const std::optional<int> line =
          rendered->TemplateLine(PointerOfPath(violation.path));
      if (line.has_value()) {
        absl::StrAppend(&fault.message, "; it comes from line ", *line, " of ",
                        registry::kTemplateFile);
      }
    }
    lines.push_back(fault.message);
    faults.push_back(std::move(fault));
  }
  return registry::WithFieldFaults(
      registry::WithReason(
          absl::FailedPreconditionError(
              absl::StrCat("the app of ", release.name, " ", release.version,
                           " cannot run here:\n", absl::StrJoin(lines, "\n"))),
          kManifestInvalid),
      faults);
}

}  // namespace

absl::StatusOr<ServiceStep> MakeServiceStep(const registry::Snapshot& snapshot,
                                            Orchestrator& cluster,
                                            const std::string& owner,
                                            const ServiceStepRequest& request) {
  const Release& release = *request.release;
  ORRERY_ASSIGN_OR_RETURN(const ReleaseTexts texts,
                          ReadTexts(snapshot, release));
  ServiceStep made;
  PlanStep& step = made.step;
  step.cluster = request.cluster;
  step.service = request.service;
  step.package = release.name;
  step.release = release.release;
  step.version = release.version;
  step.tree = registry::TreeHash(release);
  step.source = release.source;
  // A null overrides a default, and is judged as such; it is not kept.
  step.options = registry::WriteJson(DropNulls(request.options));
  step.computed = registry::WriteJson(request.computed);
  step.late = request.late;
  step.secrets = request.secrets;
  ORRERY_ASSIGN_OR_RETURN(step.undeclared_options,
                          CheckUnknown(texts.config_json, request.options,
                                       request.allow_unknown_options));
  ORRERY_ASSIGN_OR_RETURN(
      step.artifacts, ArtifactPins(texts.resource_json, texts.artifacts_json));
  if (const auto* source = snapshot.FindSource(release.source)) {
    step.source_url = source->url;
  }
  RenderRequest render;
  render.options = request.options;
  render.computed = request.computed;
  for (const LateOption& late : request.late) {
    render.unknown.push_back(late.option);
  }
  render.source_url = step.source_url;
  render.app_id = absl::StrCat("/", request.service);
  render.labels["ORRERY_OWNER"] = owner;
  render.labels["ORRERY_SERVICE"] = request.service;
  ORRERY_ASSIGN_OR_RETURN(const RenderedApp app,
                          RenderApp(BytesOf(texts, release.release), render));
  step.manifest = registry::WriteJson(app.app);
  step.package_json = texts.package_json;
  const AppRequest wanted = {request.service, step.manifest, step.artifacts};
  ORRERY_ASSIGN_OR_RETURN(AppForecast forecast,
                          request.is_update ? cluster.DryRunUpdate(wanted)
                                            : cluster.DryRun(wanted));
  if (!forecast.violations.empty()) {
    return ManifestError(release, forecast.violations,
                         request.is_update ? nullptr : &app);
  }
  step.instances = forecast.instances;
  made.more = forecast.more;
  made.warnings = std::move(forecast.warnings);
  return made;
}

}  // namespace orrery::catalog
