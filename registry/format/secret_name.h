// Options that hold secrets, by their schemas and names.

#ifndef REGISTRY_FORMAT_SECRET_NAME_H_
#define REGISTRY_FORMAT_SECRET_NAME_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::registry {

// Whether the schema of an option says that it holds a secret (cosmos-api.md
// §10.5); no if it holds the name of a stored one, and nothing if it says
// neither. `keyword` finds a keyword of the schema, or gives null.
std::optional<bool> SaysSecret(
    absl::FunctionRef<const JsonValue*(absl::string_view)> keyword);

// Whether an option of this name holds a secret, where its author does not say
// otherwise (cosmos-api.md §10.5): `db-password`, `api_key`, `token`.
bool SoundsSecret(absl::string_view name);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_SECRET_NAME_H_
