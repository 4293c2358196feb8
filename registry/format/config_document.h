// config.json, the JSON Schema of a package's options, checked by itself
// (universe-format §5, §14).

#ifndef REGISTRY_FORMAT_CONFIG_DOCUMENT_H_
#define REGISTRY_FORMAT_CONFIG_DOCUMENT_H_

#include <vector>

#include "registry/format/document_reader.h"
#include "registry/format/json_value.h"
#include "registry/format/rule.h"

namespace orrery::registry {

// What a rule says about a place of a schema.
struct SchemaRemark {
  Rule rule;
  DocumentFault fault;
};

// What the draft-04 metaschema forbids (`schema-config`), and the `config-*`
// rules. The boolean `required` of draft-03 is forbidden: original servers
// fail on it. The first 1,000 of the one and of the other.
std::vector<SchemaRemark> CheckConfigDocument(const JsonValue& root);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_CONFIG_DOCUMENT_H_
