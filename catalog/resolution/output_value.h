// Values of outputs (resolver.md §6.1).

#ifndef CATALOG_RESOLUTION_OUTPUT_VALUE_H_
#define CATALOG_RESOLUTION_OUTPUT_VALUE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/plan.h"
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
// says which option is missing or counts wrongly.
absl::StatusOr<std::vector<LatePiece>> OutputPieces(
    const registry::RelationOutput& output, const OutputService& service);

// The value of pieces that look nothing up: text, number, boolean, or a list of
// texts.
registry::JsonValue StaticValue(registry::OutputType type,
                                const std::vector<LatePiece>& pieces);

// The text of pieces when the service has these endpoints; nothing while one of
// the ports is not there.
std::optional<std::string> LateText(const std::vector<LatePiece>& pieces,
                                    const std::vector<AppEndpoint>& endpoints);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_OUTPUT_VALUE_H_
