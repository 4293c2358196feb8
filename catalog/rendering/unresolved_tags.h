// Tags of a template that print nothing, whatever a user sets.

#ifndef CATALOG_RENDERING_UNRESOLVED_TAGS_H_
#define CATALOG_RENDERING_UNRESOLVED_TAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

struct UnresolvedTag {
  // From 1.
  int line = 0;
  std::string name;
  // What may be meant; empty when nothing is near.
  std::string nearest;
};

// The tags of `text` that print a value and have a name that neither `config`
// (null: the release has no options) nor `resource` (of ResourceContext; null:
// no resource.json) knows, in their order. Where the schema leaves open which
// names there are, it knows all. A section may ask for any name: packages do so
// on purpose; what stands in one that is never entered is not looked at.
// kInvalidArgument of registry::JsonFaultAt for a malformed template.
absl::StatusOr<std::vector<UnresolvedTag>> UnresolvedTags(
    absl::string_view text, const registry::JsonValue* config,
    const registry::JsonValue* resource);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_UNRESOLVED_TAGS_H_
