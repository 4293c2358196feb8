#ifndef CATALOG_OPTIONS_SCHEMA_CHECK_H_
#define CATALOG_OPTIONS_SCHEMA_CHECK_H_

#include "absl/status/status.h"

#include "catalog/options/pattern_set.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// Turns draft-3 booleans `required` of properties into the list of draft 4.
void ReadDraft3Required(registry::JsonValue* config);

// Whether `config` is a schema that SchemaEvaluation can run: its keywords are
// well-formed, its references stay inside it and do not go round in circles
// without descending into the value. Adds its regular expressions to
// `patterns`. kInvalidArgument naming the pointer of the fault.
absl::Status CheckSchema(const registry::JsonValue& config,
                         PatternSet* patterns);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_SCHEMA_CHECK_H_
