#include "catalog/verify/render_check.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/option_fault.h"
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
constexpr Rule kRenderFails{"render-fails", Severity::kWarn, Severity::kError};
constexpr Rule kTemplateUnresolved{"template-unresolved", Severity::kInfo,
                                   Severity::kWarn};
constexpr absl::string_view kResourcePrefix = "resource.";

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
bool CheckDefaults(const std::optional<absl::string_view>& config_json,
                   const std::optional<JsonValue>& config, FileReport report) {
  const absl::StatusOr<CheckedOptions> checked =
      CheckOptions(config_json, JsonValue::Object());
  if (!checked.ok()) {
    report.AddWhole(kRenderFails, std::string(checked.status().message()));
    return false;
  }
  for (const OptionFault& fault : checked->faults) {
    AddDefaultFault(fault, *config, checked->effective, &report);
  }
  return checked->faults.empty();
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

}  // namespace

std::vector<registry::Finding> CheckRendering(absl::string_view directory,
                                              const ReleaseBytes& release,
                                              registry::Profile profile) {
  const absl::StatusOr<ReleaseDocuments> documents = ParseDocuments(release);
  if (!documents.ok()) return {};
  FindingList findings(profile);
  const bool fits =
      CheckDefaults(release.config_json, documents->config,
                    ReportOf(&findings, directory, registry::kConfigFile,
                             release.config_json.value_or("")));
  if (release.marathon_template.has_value()) {
    FileReport report = ReportOf(&findings, directory, registry::kTemplateFile,
                                 *release.marathon_template);
    if (CheckTags(*release.marathon_template, *documents, &report) && fits) {
      const absl::StatusOr<RenderedApp> app = RenderApp(release, {});
      if (!app.ok()) {
        AddMaybeAtLine(kRenderFails, TemplateLineOf(app.status()),
                       app.status().message(), &report);
      }
    }
  }
  return findings.Take(directory);
}

}  // namespace orrery::catalog
