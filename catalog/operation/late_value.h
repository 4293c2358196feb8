// Values that became known after a manifest was rendered (resolver.md §6.2).

#ifndef CATALOG_OPERATION_LATE_VALUE_H_
#define CATALOG_OPERATION_LATE_VALUE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "catalog/store/plan.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// Puts the value of the option in the place of its placeholder everywhere in
// `json`: as an element of an array each text of a list, elsewhere all of them
// joined.
void FillPlaceholder(const LateOption& late,
                     const std::vector<std::string>& texts,
                     registry::JsonValue* json);

// Whether the schema lets the option have what `options` has there now.
// kFailedPrecondition with reason OPTIONS_INVALID.
absl::Status CheckLateValue(const LateOption& late,
                            const registry::JsonValue& options);

}  // namespace orrery::catalog

#endif  // CATALOG_OPERATION_LATE_VALUE_H_
