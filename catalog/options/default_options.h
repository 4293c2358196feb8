// The defaults of a package's config.json (rendering §2).

#ifndef CATALOG_OPTIONS_DEFAULT_OPTIONS_H_
#define CATALOG_OPTIONS_DEFAULT_OPTIONS_H_

#include "registry/format/json_value.h"

namespace orrery::catalog {

// An object, empty when `config` declares no default. Follows `properties` and
// local references ("#..."), a cycle once; nothing else. An option without a
// default is absent, and so is a group of such options.
registry::JsonValue DefaultOptions(const registry::JsonValue& config);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_DEFAULT_OPTIONS_H_
