#ifndef CATALOG_MANIFEST_UNKNOWN_FIELDS_H_
#define CATALOG_MANIFEST_UNKNOWN_FIELDS_H_

#include <string>
#include <vector>

#include "registry/format/json_value.h"

namespace orrery::catalog {

// A field that Marathon takes and ignores (spec: rendering.md §9).
struct UnknownField {
  // A JSON pointer.
  std::string pointer;
  // The field of that place with the nearest name; empty when none is near.
  std::string nearest;
};

// In the order of the app. What is null counts as absent.
std::vector<UnknownField> UnknownMarathonFields(const registry::JsonValue& app);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_UNKNOWN_FIELDS_H_
