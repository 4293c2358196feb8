#ifndef CATALOG_OPTIONS_CANONICAL_TEXT_H_
#define CATALOG_OPTIONS_CANONICAL_TEXT_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::catalog {

// Equal for JSON values that are equal to a schema: numbers by their exact
// value (1 is 1.0), members in any order. No JSON itself.
std::string CanonicalText(const registry::JsonValue& value);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_CANONICAL_TEXT_H_
