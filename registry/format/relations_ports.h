// What a relations.json says of ports, against the templates that have them.

#ifndef REGISTRY_FORMAT_RELATIONS_PORTS_H_
#define REGISTRY_FORMAT_RELATIONS_PORTS_H_

#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/relations_document.h"

namespace orrery::registry {

// Ports of outputs that no service of the release has: `relations.output`.
// `templates` is the text of all templates of the release. A port whose name
// they leave to an option may be any, and is known only when planning. Without
// a template no service can be made, and nothing is said of its ports.
std::vector<RelationsFault> CheckRelationPorts(
    const RelationsDocument& document, absl::string_view templates);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELATIONS_PORTS_H_
