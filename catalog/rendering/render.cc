#include "catalog/rendering/render.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/rendering/app_labels.h"
#include "catalog/rendering/mustache.h"
#include "catalog/rendering/rendered_text.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

absl::Status Fault(absl::string_view reason, absl::string_view message) {
  return registry::WithReason(absl::FailedPreconditionError(message), reason);
}

// A file that is absent, empty, {} or [] counts as none.
absl::StatusOr<std::optional<JsonValue>> ParseFile(
    absl::string_view name, const std::optional<absl::string_view>& bytes,
    absl::string_view reason) {
  std::optional<JsonValue> none;
  if (!bytes.has_value() || bytes->empty()) return none;
  absl::StatusOr<registry::JsonDocument> document = registry::ParseJson(*bytes);
  if (!document.ok()) {
    return Fault(reason, absl::StrCat(name, ": ", document.status().message()));
  }
  JsonValue& root = document->root;
  if (root.is_array() && root.items().empty()) return none;
  if (!root.is_object()) {
    return Fault(reason, absl::StrCat(name, ": not an object"));
  }
  if (root.members().empty()) return none;
  return std::optional<JsonValue>(std::move(root));
}

const JsonValue* Pointer(const std::optional<JsonValue>& file) {
  return file.has_value() ? &*file : nullptr;
}

absl::StatusOr<CheckedOptions> Check(
    const std::optional<JsonValue>& config, const JsonValue& options,
    const JsonValue& computed = JsonValue::Object()) {
  CheckedOptions checked;
  if (!config.has_value()) {
    if (!options.members().empty()) {
      return Fault(kOptionsNotAllowed,
                   "the package takes no options, it has no config.json");
    }
    checked.effective = JsonValue::Object();
    return checked;
  }
  const absl::StatusOr<OptionsSchema> schema = OptionsSchema::Compile(*config);
  if (!schema.ok()) {
    return Fault(kConfigSchemaInvalid, schema.status().message());
  }
  checked.effective = MergeOptions(
      MergeOptions(DefaultOptions(schema->config()), computed), options);
  absl::StatusOr<std::vector<OptionFault>> faults =
      schema->Validate(checked.effective);
  if (!faults.ok()) return Fault(kOptionsInvalid, faults.status().message());
  checked.faults = *std::move(faults);
  return checked;
}

bool IsAtOrBelow(absl::string_view pointer,
                 const std::vector<std::string>& options) {
  return std::any_of(
      options.begin(), options.end(), [pointer](const std::string& option) {
        return pointer == option ||
               absl::StartsWith(pointer, absl::StrCat(option, "/"));
      });
}

absl::Status FaultsStatus(const std::vector<OptionFault>& faults) {
  std::vector<registry::FieldFault> details;
  std::string message = "the options do not fit the package:";
  for (const OptionFault& fault : faults) {
    details.push_back({fault.pointer, OptionFaultText(fault), fault.found,
                       fault.wanted, fault.description, fault.fix});
    absl::StrAppend(&message, "\n", details.back().message);
  }
  return registry::WithFieldFaults(Fault(kOptionsInvalid, message), details);
}

absl::StatusOr<JsonValue> RenderTemplate(const ReleaseBytes& release,
                                         const ReleaseDocuments& files,
                                         JsonValue effective,
                                         RenderedApp* rendered) {
  const absl::StatusOr<Template> parsed =
      Template::Parse(*release.marathon_template);
  if (!parsed.ok()) {
    return Fault(kTemplateError, absl::StrCat("marathon.json.mustache, ",
                                              parsed.status().message()));
  }
  if (files.resource.has_value()) {
    JsonValue resource = JsonValue::Object();
    resource.Set("resource",
                 ResourceContext(*files.resource,
                                 files.package.FindString("packagingVersion")));
    effective = MergeOptions(std::move(effective), std::move(resource));
  }
  const absl::StatusOr<std::string> text = parsed->Render(effective);
  if (!text.ok()) {
    return Fault(kTemplateError, absl::StrCat("marathon.json.mustache: ",
                                              text.status().message()));
  }
  absl::StatusOr<registry::JsonDocument> document =
      ParseRenderedText(*text, *parsed, effective, Pointer(files.config));
  if (!document.ok()) {
    return registry::WithReason(document.status(), kRenderedNotJson);
  }
  if (!document->root.is_object()) {
    return Fault(kRenderedNotObject,
                 "the rendered text is JSON, but not an object");
  }
  for (const registry::DuplicateKey& twice : document->duplicates) {
    rendered->duplicate_members.push_back(twice.pointer);
  }
  rendered->source = *parsed;
  rendered->context = std::move(effective);
  return std::move(document->root);
}

absl::StatusOr<JsonValue> TemplateLabels(const JsonValue& app) {
  const JsonValue* labels = app.Find("labels");
  if (labels == nullptr || labels->is_null()) return JsonValue::Object();
  if (!labels->is_object()) {
    return Fault(kRenderedLabelsInvalid,
                 "/labels of the rendered app is not an object");
  }
  for (const auto& [name, value] : labels->members()) {
    if (value.is_string()) continue;
    return Fault(kRenderedLabelsInvalid,
                 absl::StrCat("/labels", registry::PointerStep(name),
                              " of the rendered app is not a string; quote it "
                              "in the template"));
  }
  return *labels;
}

absl::Status AddLabels(const ReleaseBytes& release,
                       const ReleaseDocuments& files,
                       const RenderRequest& request, JsonValue* app) {
  ORRERY_ASSIGN_OR_RETURN(JsonValue labels, TemplateLabels(*app));
  const JsonValue* config = Pointer(files.config);
  ReleaseDefinition definition;
  definition.package = &files.package;
  definition.config = config;
  definition.resource = Pointer(files.resource);
  definition.command = Pointer(files.command);
  definition.marathon_template = *release.marathon_template;
  definition.release = release.release;
  const absl::StatusOr<std::string> definition_label =
      DefinitionLabel(definition);
  if (!definition_label.ok()) {
    return Fault(kTemplateError, definition_label.status().message());
  }
  const auto set = [&labels](absl::string_view name, absl::string_view value) {
    labels.Set(name, JsonValue::String(std::string(value)));
  };
  set("DCOS_PACKAGE_NAME", files.package.FindString("name"));
  set("DCOS_PACKAGE_VERSION", files.package.FindString("version"));
  set("DCOS_PACKAGE_SOURCE", SourceLabel(request.source_url));
  set("DCOS_PACKAGE_OPTIONS", OptionsLabel(request.options, config));
  set("DCOS_PACKAGE_DEFINITION", *definition_label);
  for (const auto& [name, value] : request.labels) set(name, value);
  app->Set("labels", std::move(labels));
  return absl::OkStatus();
}

}  // namespace

std::optional<int> RenderedApp::TemplateLine(absl::string_view pointer) const {
  while (!pointer.empty()) {
    const JsonValue* value = registry::AtPointer(app, pointer);
    if (value != nullptr) {
      if (value->offset() == 0) return std::nullopt;
      const std::optional<TemplatePlace> place =
          source->PlaceOfOutput(context, value->offset());
      if (!place.has_value()) return std::nullopt;
      return place->line;
    }
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
  return std::nullopt;
}

absl::StatusOr<ReleaseDocuments> ParseDocuments(const ReleaseBytes& release) {
  ReleaseDocuments files;
  ORRERY_ASSIGN_OR_RETURN(
      std::optional<JsonValue> package,
      ParseFile("package.json", release.package_json, kTemplateError));
  if (!package.has_value()) {
    return Fault(kTemplateError, "package.json is empty");
  }
  files.package = *std::move(package);
  ORRERY_ASSIGN_OR_RETURN(
      files.config,
      ParseFile("config.json", release.config_json, kConfigSchemaInvalid));
  ORRERY_ASSIGN_OR_RETURN(
      files.resource,
      ParseFile("resource.json", release.resource_json, kTemplateError));
  ORRERY_ASSIGN_OR_RETURN(
      files.command,
      ParseFile("command.json", release.command_json, kTemplateError));
  return files;
}

absl::StatusOr<CheckedOptions> CheckOptions(
    const std::optional<absl::string_view>& config_json,
    const JsonValue& options) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<JsonValue> config,
      ParseFile("config.json", config_json, kConfigSchemaInvalid));
  return Check(config, options);
}

absl::StatusOr<RenderedApp> RenderApp(const ReleaseBytes& release,
                                      const RenderRequest& request) {
  if (!release.marathon_template.has_value()) {
    return Fault(kTemplateMissing,
                 "the release has no marathon.json.mustache, so there is "
                 "nothing to run");
  }
  ORRERY_ASSIGN_OR_RETURN(const ReleaseDocuments files,
                          ParseDocuments(release));
  ORRERY_ASSIGN_OR_RETURN(
      CheckedOptions checked,
      Check(files.config, request.options, request.computed));
  std::erase_if(checked.faults, [&request](const OptionFault& fault) {
    return IsAtOrBelow(fault.pointer, request.unknown);
  });
  if (!checked.faults.empty()) return FaultsStatus(checked.faults);
  RenderedApp rendered;
  ORRERY_ASSIGN_OR_RETURN(
      rendered.app,
      RenderTemplate(release, files, std::move(checked.effective), &rendered));
  ORRERY_RETURN_IF_ERROR(AddLabels(release, files, request, &rendered.app));
  if (request.app_id.has_value()) {
    rendered.app.Set("id",
                     JsonValue::String(absl::StrCat(
                         absl::StartsWith(*request.app_id, "/") ? "" : "/",
                         *request.app_id)));
  }
  return rendered;
}

}  // namespace orrery::catalog
