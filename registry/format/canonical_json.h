// JSON Canonicalization Scheme (RFC 8785): one text for one value.

#ifndef REGISTRY_FORMAT_CANONICAL_JSON_H_
#define REGISTRY_FORMAT_CANONICAL_JSON_H_

#include <string>

#include "registry/format/json_value.h"

namespace orrery::registry {

// Members by the UTF-16 units of their names, numbers as ECMAScript prints the
// nearest double. A number beyond the doubles keeps the text it was written
// with. Requires: no lone surrogates.
std::string CanonicalJson(const JsonValue& value);

// The same literals and order with two spaces per level, every member and
// element on a line of its own, and a newline at the end (resolver.md §12.1).
std::string CanonicalJsonIndented(const JsonValue& value);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_CANONICAL_JSON_H_
