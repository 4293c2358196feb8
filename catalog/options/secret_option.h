#ifndef CATALOG_OPTIONS_SECRET_OPTION_H_
#define CATALOG_OPTIONS_SECRET_OPTION_H_

#include "absl/strings/string_view.h"

#include "catalog/options/schema_node.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// Whether the option holds a secret, whose value no message, log or label may
// show (cosmos-api §10.5): its schema says so, it is a `{"$secret": ...}`
// reference, or it is a string whose name ends as names of secrets do.
bool IsSecretOption(absl::string_view name, const SchemaNode& node,
                    const registry::JsonValue& value);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_SECRET_OPTION_H_
