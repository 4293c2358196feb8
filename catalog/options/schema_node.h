// What config.json says about one option: every subschema that may apply to it,
// whatever branch it stands in.

#ifndef CATALOG_OPTIONS_SCHEMA_NODE_H_
#define CATALOG_OPTIONS_SCHEMA_NODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// Borrows the config, which must outlive it. Branches of allOf, anyOf, oneOf
// and of `dependencies` all count, local references are followed, cycles once.
class SchemaNode {
 public:
  static SchemaNode Root(const registry::JsonValue& config);

  // The option of that name below this one.
  SchemaNode Child(absl::string_view name) const;
  // The items of this array option.
  SchemaNode Item() const;

  // Whether the schema has heard of the option: it is declared, falls under
  // patternProperties or additionalProperties, or lies in a free-form object
  // (no `properties`, no `additionalProperties: false`).
  bool known() const { return known_; }
  // The declared names below, sorted, each once.
  std::vector<std::string> Names() const;
  // The JSON type names the option may have ("integer", ...), sorted, each
  // once; taken from `enum` or `default` where `type` is not said. Empty when
  // nothing is said.
  std::vector<std::string> Types() const;
  // The first of the subschemas' strings of that name ("description",
  // "format", ...), or empty.
  absl::string_view Text(absl::string_view keyword) const;
  // The first value of that keyword, or null.
  const registry::JsonValue* Keyword(absl::string_view keyword) const;

 private:
  SchemaNode(const registry::JsonValue* root, bool known)
      : root_(root), known_(known) {}
  void Add(const registry::JsonValue* schema);

  const registry::JsonValue* root_;
  bool known_;
  std::vector<const registry::JsonValue*> schemas_;
};

// "null", "boolean", "number", "string", "array" or "object": what JSON itself
// tells apart.
std::string JsonTypeName(const registry::JsonValue& value);

// The node at a JSON pointer into the options.
SchemaNode NodeAt(const registry::JsonValue& config, absl::string_view pointer);

// The schema a local reference ("#/definitions/x") points to, or null.
const registry::JsonValue* ResolveReference(const registry::JsonValue& config,
                                            absl::string_view reference);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_SCHEMA_NODE_H_
