#ifndef CATALOG_OPTIONS_UNKNOWN_OPTIONS_H_
#define CATALOG_OPTIONS_UNKNOWN_OPTIONS_H_

#include <string>
#include <vector>

#include "registry/format/json_value.h"

namespace orrery::catalog {

struct UnknownOption {
  std::string pointer;
  // Declared options of a similar name or of the same name elsewhere, as one
  // writes them after --set; best first.
  std::vector<std::string> did_you_mean;
  // The options stand one level too deep, inside a member "properties" that
  // belongs to the schema only.
  bool schema_wrapper = false;
};

// The user's options that `config` does not know anywhere, sorted by pointer. A
// group that is unknown is named, not what lies in it. Options known by
// SchemaNode::known() are fine.
std::vector<UnknownOption> UnknownOptions(const registry::JsonValue& config,
                                          const registry::JsonValue& user);

// One line for people.
std::string UnknownOptionText(const UnknownOption& option);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_UNKNOWN_OPTIONS_H_
