// Options that hold secrets, by their names.

#ifndef REGISTRY_FORMAT_SECRET_NAME_H_
#define REGISTRY_FORMAT_SECRET_NAME_H_

#include "absl/strings/string_view.h"

namespace orrery::registry {

// Whether an option of this name holds a secret, where its author does not say
// otherwise (cosmos-api.md §10.5): `db-password`, `api_key`, `token`.
bool SoundsSecret(absl::string_view name);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_SECRET_NAME_H_
