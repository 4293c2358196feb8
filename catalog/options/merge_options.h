#ifndef CATALOG_OPTIONS_MERGE_OPTIONS_H_
#define CATALOG_OPTIONS_MERGE_OPTIONS_H_

#include "registry/format/json_value.h"

namespace orrery::catalog {

// `fragment` laid over `target` (rendering §3): objects are merged member by
// member, everything else (arrays, null, another kind) is replaced. Members
// keep the order of `target`, new ones follow.
registry::JsonValue MergeOptions(registry::JsonValue target,
                                 registry::JsonValue fragment);

// `options` without members that are null, at every depth of objects and
// arrays of objects: the form in which a user's options are stored. Null items
// of arrays stay.
registry::JsonValue DropNulls(registry::JsonValue options);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_MERGE_OPTIONS_H_
