// From an answer to the options of each service in it (resolver.md §5.4, §6.2).

#ifndef CATALOG_RESOLUTION_WIRING_H_
#define CATALOG_RESOLUTION_WIRING_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/resolution/late_option.h"
#include "catalog/resolution/resolution.h"
#include "registry/format/json_value.h"
#include "registry/format/relations_document.h"

namespace orrery::catalog {

// A service as wiring sees it.
struct WiredService {
  // Under the user's: what features, chosen alternatives and outputs set. A
  // late one holds a placeholder.
  registry::JsonValue computed = registry::JsonValue::Object();
  std::vector<LateOption> late;
  // Those of them that hold a secret, or an output that is one; JSON pointers.
  std::vector<std::string> secrets;
};

// What is known of the services of an answer; called with node text.
struct WiringSources {
  // Root of the config.json; null when there is none.
  std::function<const registry::JsonValue*(const ResolvedNode&)> config;
  std::function<const registry::RelationsDocument*(const ResolvedNode&)>
      relations;
  // Whether its options are worked out: it is new, changes, or uses one that
  // does.
  std::function<bool(const ResolvedNode&)> is_rewired;
  // Whether one that is rewired stays as it is all the same. Its own providers
  // were asked about before.
  std::function<bool(const ResolvedNode&, const WiredService&)> is_same;
  // The user's options, an object.
  std::function<registry::JsonValue(const ResolvedNode&)> user_options;
  // What earlier plans computed for a service that runs.
  std::function<registry::JsonValue(const ResolvedNode&)> kept_options;
  // Which of that are secrets.
  std::function<std::vector<std::string>(const ResolvedNode&)> kept_secrets;
  // Of a service that runs; nothing when it does not.
  std::function<std::vector<AppEndpoint>(const ResolvedNode&)> endpoints;
  // Whether a service that is there is still being installed.
  std::function<bool(const ResolvedNode&)> comes_up;
  // Kind of the cluster.
  std::string kind;
};

// For every node that is rewired, by node text. kFailedPrecondition
// with reason RELATIONS_TYPE or OUTPUT_MISSING when an option cannot be filled.
absl::StatusOr<std::map<std::string, WiredService>> WireServices(
    const Resolution& resolution, const WiringSources& sources);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_WIRING_H_
