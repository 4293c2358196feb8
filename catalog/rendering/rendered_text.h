// From the text a template gave to the app it means (rendering §8).

#ifndef CATALOG_RENDERING_RENDERED_TEXT_H_
#define CATALOG_RENDERING_RENDERED_TEXT_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/rendering/mustache.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The JSON in `text`, which `source` printed for `context`. kFailedPrecondition
// with line and column of the text and of the template and what stands there;
// the values of secret options (by `config`, may be null) are masked.
absl::StatusOr<registry::JsonDocument> ParseRenderedText(
    absl::string_view text, const Template& source,
    const registry::JsonValue& context, const registry::JsonValue* config);

// Of the template, when a status of ParseRenderedText knows it.
std::optional<int> TemplateLineOf(const absl::Status& status);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_RENDERED_TEXT_H_
