// From a release and a user's options to the Marathon app (rendering §1).

#ifndef CATALOG_RENDERING_RENDER_H_
#define CATALOG_RENDERING_RENDER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/options/options_schema.h"
#include "catalog/rendering/mustache.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The files of a release as they are in the repository; nothing for a file
// that is not there. All borrowed.
struct ReleaseBytes {
  absl::string_view package_json;
  std::optional<absl::string_view> config_json;
  std::optional<absl::string_view> resource_json;
  std::optional<absl::string_view> command_json;
  std::optional<absl::string_view> marathon_template;
  int64_t release = 0;
};

// The files of a release that rendering reads; nothing for one that is absent,
// empty, {} or [].
struct ReleaseDocuments {
  registry::JsonValue package;
  std::optional<registry::JsonValue> config;
  std::optional<registry::JsonValue> resource;
  std::optional<registry::JsonValue> command;
};

struct RenderRequest {
  // The user's own options, an object.
  registry::JsonValue options = registry::JsonValue::Object();
  // Over the defaults and under the user's: what relations set.
  registry::JsonValue computed = registry::JsonValue::Object();
  // Options, by pointer, that hold placeholders: their values are not judged.
  std::vector<std::string> unknown;
  // The source's URL; user and password in it do not get into labels.
  std::string source_url;
  // Id of the app; without it the template's own.
  std::optional<std::string> app_id;
  // Labels over all others, such as ORRERY_OWNER and ORRERY_SERVICE.
  std::map<std::string, std::string> labels;
};

struct RenderedApp {
  // As JSON text it is WriteJson(app).
  registry::JsonValue app;
  // Members that the rendered text names twice, by pointer; the last one
  // counts.
  std::vector<std::string> duplicate_members;
  // What printed it, for what.
  std::optional<Template> source;
  registry::JsonValue context;

  // The line of the template that printed what `pointer` names, or what it
  // would be in; nothing for the app itself and what was added to it.
  std::optional<int> TemplateLine(absl::string_view pointer) const;
};

// Reasons of the errors below (see registry/status/error_details.h).
inline constexpr char kTemplateMissing[] = "TEMPLATE_MISSING";
inline constexpr char kTemplateError[] = "TEMPLATE_ERROR";
inline constexpr char kConfigSchemaInvalid[] = "CONFIG_SCHEMA_INVALID";
inline constexpr char kOptionsNotAllowed[] = "OPTIONS_NOT_ALLOWED";
inline constexpr char kOptionsInvalid[] = "OPTIONS_INVALID";
inline constexpr char kRenderedNotJson[] = "RENDERED_NOT_JSON";
inline constexpr char kRenderedNotObject[] = "RENDERED_NOT_OBJECT";
inline constexpr char kRenderedLabelsInvalid[] = "RENDERED_LABELS_INVALID";

struct CheckedOptions {
  // Defaults with the user's options over them.
  registry::JsonValue effective;
  // Sorted by pointer; empty when the options are fine.
  std::vector<OptionFault> faults;
};

// kFailedPrecondition with kTemplateError or, for the config,
// kConfigSchemaInvalid when a file is no JSON object.
absl::StatusOr<ReleaseDocuments> ParseDocuments(const ReleaseBytes& release);

// Steps 2 to 4. kOptionsNotAllowed when there are options but no config,
// kConfigSchemaInvalid when the config is unusable.
absl::StatusOr<CheckedOptions> CheckOptions(
    const std::optional<absl::string_view>& config_json,
    const registry::JsonValue& options);

// Steps 1 to 8. Every failure is kFailedPrecondition with one of the reasons
// above and a message that says where; kOptionsInvalid lists one fault a line.
// Pure and thread-safe.
absl::StatusOr<RenderedApp> RenderApp(const ReleaseBytes& release,
                                      const RenderRequest& request);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_RENDER_H_
