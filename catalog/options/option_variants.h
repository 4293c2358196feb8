// Other options than the defaults, as a user may well choose them: templates
// that work with the defaults alone are found by these.

#ifndef CATALOG_OPTIONS_OPTION_VARIANTS_H_
#define CATALOG_OPTIONS_OPTION_VARIANTS_H_

#include "registry/format/json_value.h"

namespace orrery::catalog {

// `options` with every boolean the other one.
registry::JsonValue WithBooleansNegated(registry::JsonValue options);

// `options` with every string and array empty and every number 0.
registry::JsonValue WithValuesEmptied(registry::JsonValue options);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTION_VARIANTS_H_
