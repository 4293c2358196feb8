// Values of outputs (resolver.md §6.1).

#ifndef CATALOG_RESOLUTION_OUTPUT_VALUE_H_
#define CATALOG_RESOLUTION_OUTPUT_VALUE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/resolution/late_option.h"
#include "registry/format/json_value.h"
#include "registry/format/relations_output.h"

namespace orrery::catalog {

// The service whose output it is.
struct OutputService {
  // Service id, without a leading slash.
  std::string id;
  std::string package;
  std::string version;
  std::string cluster;
  // Kind of the cluster.
  std::string kind;
  // Effective ones; borrowed.
  const registry::JsonValue* options = nullptr;
};

// The output in pieces, of which only places of ports are still to be looked
// up. A list has its elements in order, without `join`. kFailedPrecondition
// says which option is missing or counts wrongly, with reason RELATIONS_TYPE
// what is not of the output's type.
absl::StatusOr<std::vector<LatePiece>> OutputPieces(
    const registry::RelationOutput& output, const OutputService& service);

// The value of pieces that look nothing up: text, number, boolean, or a list of
// texts.
registry::JsonValue StaticValue(registry::OutputType type,
                                const std::vector<LatePiece>& pieces);

// Where the ports of a service are, by its name.
using EndpointsOf =
    std::function<std::vector<AppEndpoint>(const std::string& service)>;

// What the pieces are now: one text each, and of endpoints one for each of them
// unless they are joined; nothing while one of the ports is not there. A value
// that is no list is all of them in one.
std::optional<std::vector<std::string>> LateTexts(
    const std::vector<LatePiece>& pieces, bool is_list,
    const EndpointsOf& endpoints);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_OUTPUT_VALUE_H_
