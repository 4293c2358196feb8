#include "catalog/verify/render_check.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/manifest/marathon_validation.h"
#include "catalog/manifest/unknown_fields.h"
#include "catalog/manifest/violation.h"
#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_fault.h"
#include "catalog/options/option_variants.h"
#include "catalog/options/unknown_options.h"
#include "catalog/rendering/app_labels.h"
#include "catalog/rendering/mustache_template.h"
#include "catalog/rendering/rendered_text.h"
#include "catalog/rendering/unresolved_tags.h"
#include "registry/format/file_report.h"
#include "registry/format/finding_list.h"
#include "registry/format/json_fault.h"
#include "registry/format/json_value.h"
#include "registry/format/release_files.h"
#include "registry/format/rule.h"
#include "registry/status/error_details.h"

namespace orrery::catalog {
namespace {

using registry::FileReport;
using registry::FindingList;
using registry::JsonValue;
using registry::Rule;
using registry::Severity;

constexpr Rule kDefaultInvalid{"default-invalid", Severity::kWarn,
                               Severity::kError};
constexpr Rule kOptionsRequired{"options-required", Severity::kInfo,
                                Severity::kInfo};
constexpr Rule kOptionsInvalid{"options-invalid", Severity::kWarn,
                               Severity::kError};
constexpr Rule kRenderFails{"render-fails", Severity::kWarn, Severity::kError};
constexpr Rule kRenderVariant{"render-variant", Severity::kInfo,
                              Severity::kWarn};
constexpr Rule kRenderDupKey{"render-dup-key", Severity::kInfo,
                             Severity::kWarn};
constexpr Rule kRenderUnknownField{"render-unknown-field", Severity::kInfo,
                                   Severity::kWarn};
constexpr Rule kRenderRefused{"render-refused", Severity::kWarn,
                              Severity::kError};
constexpr Rule kTemplateUnresolved{"template-unresolved", Severity::kInfo,
                                   Severity::kWarn};
constexpr absl::string_view kResourcePrefix = "resource.";
// What a cluster has to be started with is no fault of an app.
constexpr MarathonFeatures kAllFeatures = {
    .secrets = true, .external_volumes = true, .gpu_resources = true};

FileReport ReportOf(FindingList* findings, absl::string_view directory,
                    absl::string_view name, absl::string_view text) {
  return FileReport(findings, absl::StrCat(directory, "/", name), text);
}

void AddMaybeAtLine(const Rule& rule, std::optional<int> line,
                    absl::string_view text, FileReport* report) {
  if (line.has_value()) {
    report->AddAtLine(rule, *line, std::string(text));
  } else {
    report->AddWhole(rule, std::string(text));
  }
}

// Where `config` says the default that `fault` is about.
std::string DefaultPointer(const JsonValue& config, const OptionFault& fault) {
  const std::string pointer = absl::StrCat(fault.schema_pointer, "/default");
  return registry::AtPointer(config, pointer) != nullptr ? pointer
                                                         : fault.schema_pointer;
}

void AddDefaultFault(const OptionFault& fault, const JsonValue& config,
                     const JsonValue& defaults, FileReport* report) {
  const JsonValue* value = registry::AtPointer(defaults, fault.pointer);
  if (value != nullptr) {
    report->Add(kDefaultInvalid, DefaultPointer(config, fault), value->offset(),
                absl::StrCat("the default of ", fault.pointer, " is ",
                             fault.found, ", its schema wants ", fault.wanted));
    return;
  }
  const JsonValue* schema = registry::AtPointer(config, fault.schema_pointer);
  report->Add(kOptionsRequired, fault.schema_pointer,
              schema == nullptr ? 0 : schema->offset(),
              absl::StrCat(fault.pointer,
                           " is required and has no default; the template is "
                           "not rendered"));
}

// Whether there is something to render with.
bool CheckOptionsFit(const std::optional<absl::string_view>& config_json,
                     const std::optional<JsonValue>& config,
                     const JsonValue& options, FileReport report) {
  const absl::StatusOr<CheckedOptions> checked =
      CheckOptions(config_json, options);
  if (!checked.ok()) {
    report.AddWhole(config.has_value() ? kRenderFails : kOptionsInvalid,
                    std::string(checked.status().message()));
    return false;
  }
  if (options.members().empty()) {
    for (const OptionFault& fault : checked->faults) {
      AddDefaultFault(fault, *config, checked->effective, &report);
    }
    return checked->faults.empty();
  }
  for (const OptionFault& fault : checked->faults) {
    const JsonValue* schema =
        registry::AtPointer(*config, fault.schema_pointer);
    report.Add(kOptionsInvalid, fault.schema_pointer,
               schema == nullptr ? 0 : schema->offset(),
               OptionFaultText(fault));
  }
  const std::vector<UnknownOption> unknown = UnknownOptions(*config, options);
  for (const UnknownOption& option : unknown) {
    report.AddWhole(kOptionsInvalid, UnknownOptionText(option));
  }
  return checked->faults.empty() && unknown.empty();
}

std::string UnresolvedText(const UnresolvedTag& tag) {
  const std::string shown = absl::StrCat("{{", ShownTag(tag.name), "}}");
  if (tag.name.find_first_of("{}\"\n") != std::string::npos) {
    return absl::StrCat(shown,
                        " is no name; is the tag that begins here closed "
                        "with }}?");
  }
  std::string text = absl::StrCat(shown,
                                  absl::StartsWith(tag.name, kResourcePrefix)
                                      ? " names no member of resource.json"
                                      : " names no option",
                                  ", so it always prints nothing");
  if (!tag.nearest.empty()) {
    absl::StrAppend(&text, "; did you mean {{", tag.nearest, "}}?");
  }
  return text;
}

// Whether the template can be read.
bool CheckTags(absl::string_view text, const ReleaseDocuments& documents,
               FileReport* report) {
  std::optional<JsonValue> resource;
  if (documents.resource.has_value()) {
    resource = ResourceContext(
        *documents.resource, documents.package.FindString("packagingVersion"));
  }
  const absl::StatusOr<std::vector<UnresolvedTag>> tags = UnresolvedTags(
      text, documents.config.has_value() ? &*documents.config : nullptr,
      resource.has_value() ? &*resource : nullptr);
  if (!tags.ok()) {
    const auto place = registry::FaultPlace(tags.status());
    AddMaybeAtLine(
        kRenderFails,
        place.has_value() ? std::optional<int>(place->line) : std::nullopt,
        tags.status().message(), report);
    return false;
  }
  for (const UnresolvedTag& tag : *tags) {
    report->AddAtLine(kTemplateUnresolved, tag.line, UnresolvedText(tag));
  }
  return true;
}

void CheckApp(const RenderedApp& rendered, FileReport* report) {
  for (const std::string& pointer : rendered.duplicate_members) {
    AddMaybeAtLine(kRenderDupKey, rendered.TemplateLine(pointer),
                   absl::StrCat(pointer,
                                " of the rendered app is there twice; the "
                                "last one counts"),
                   report);
  }
  for (const UnknownField& field : UnknownMarathonFields(rendered.app)) {
    AddMaybeAtLine(
        kRenderUnknownField, rendered.TemplateLine(field.pointer),
        absl::StrCat(field.pointer, ": Marathon ignores a field of that name",
                     field.nearest.empty()
                         ? ""
                         : absl::StrCat("; did you mean ", field.nearest, "?")),
        report);
  }
  for (const Violation& violation :
       CheckMarathonApp(rendered.app, kAllFeatures).violations) {
    AddMaybeAtLine(kRenderRefused,
                   rendered.TemplateLine(PointerOfPath(violation.path)),
                   absl::StrCat(violation.path, ": ", violation.text), report);
  }
}

// Whether the template gives JSON for other options than the defaults, too,
// whatever their schema says of these.
void CheckVariants(const ReleaseBytes& release, const JsonValue& config,
                   const JsonValue& options, FileReport* report) {
  const JsonValue defaults = DefaultOptions(config);
  const struct {
    absl::string_view change;
    JsonValue defaults;
  } variants[] = {
      {"every boolean default negated", WithBooleansNegated(defaults)},
      {"strings and arrays of the defaults empty and their numbers 0",
       WithValuesEmptied(defaults)}};
  for (const auto& variant : variants) {
    RenderRequest request;
    request.options = MergeOptions(variant.defaults, options);
    request.unknown = {""};
    const absl::Status rendered = RenderApp(release, request).status();
    if (registry::ReasonOf(rendered).reason != kRenderedNotJson) continue;
    AddMaybeAtLine(
        kRenderVariant, TemplateLineOf(rendered),
        absl::StrCat("with ", variant.change, ": ", rendered.message()),
        report);
  }
}

}  // namespace

RenderCheck CheckRendering(absl::string_view directory,
                           const ReleaseBytes& release,
                           const JsonValue& options,
                           registry::Profile profile) {
  RenderCheck check;
  const absl::StatusOr<ReleaseDocuments> documents = ParseDocuments(release);
  if (!documents.ok()) return check;
  FindingList findings(profile);
  const bool fits =
      CheckOptionsFit(release.config_json, documents->config, options,
                      ReportOf(&findings, directory, registry::kConfigFile,
                               release.config_json.value_or("")));
  if (release.marathon_template.has_value()) {
    FileReport report = ReportOf(&findings, directory, registry::kTemplateFile,
                                 *release.marathon_template);
    if (CheckTags(*release.marathon_template, *documents, &report) && fits) {
      RenderRequest request;
      request.options = options;
      absl::StatusOr<RenderedApp> rendered = RenderApp(release, request);
      if (rendered.ok()) {
        CheckApp(*rendered, &report);
        if (documents->config.has_value()) {
          CheckVariants(release, *documents->config, options, &report);
        }
        check.app = std::move(rendered->app);
      } else {
        AddMaybeAtLine(kRenderFails, TemplateLineOf(rendered.status()),
                       rendered.status().message(), &report);
      }
    }
  }
  check.findings = findings.Take(directory);
  return check;
}

}  // namespace orrery::catalog
