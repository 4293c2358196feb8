// A revision of a release as the server lists it.

#ifndef CLI_PLUGIN_CATALOG_LISTED_REVISION_H_
#define CLI_PLUGIN_CATALOG_LISTED_REVISION_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::cli {

// Whether its state lets it be chosen by its label or number.
bool IsCurrent(const registry::JsonValue& revision);

// Its release number, with `#` and its own where that says more.
std::string RevisionText(const registry::JsonValue& revision);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CATALOG_LISTED_REVISION_H_
