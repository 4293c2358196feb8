// The labels by which DC/OS tools recognise a service (cosmos-api §7.8).

#ifndef CATALOG_RENDERING_APP_LABELS_H_
#define CATALOG_RENDERING_APP_LABELS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// The parsed files of a release; null for a file that is not there.
struct ReleaseDefinition {
  const registry::JsonValue* package = nullptr;
  const registry::JsonValue* config = nullptr;
  const registry::JsonValue* resource = nullptr;
  const registry::JsonValue* command = nullptr;
  // Base64 of the template's bytes is put in.
  absl::string_view marathon_template;
  int64_t release = 0;
};

// Value of DCOS_PACKAGE_DEFINITION: the byte form of cosmos-api §7.8.
// kResourceExhausted above 1 MiB.
absl::StatusOr<std::string> DefinitionLabel(const ReleaseDefinition& release);

// The JSON inside that label.
registry::JsonValue MergedDefinition(const ReleaseDefinition& release);

// Value of DCOS_PACKAGE_OPTIONS: base64 of the options without nulls, with
// `{"$secret": pointer}` in place of secret values.
std::string OptionsLabel(const registry::JsonValue& options,
                         const registry::JsonValue* config);

// Value of DCOS_PACKAGE_SOURCE: `url` without user and password.
std::string SourceLabel(absl::string_view url);

// resource.json as templates see it: the known members, null for each absent
// one (rendering §5). Requires: an object.
registry::JsonValue ResourceContext(const registry::JsonValue& resource,
                                    absl::string_view packaging_version);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_APP_LABELS_H_
