// In which order services start.

#ifndef RESOLVER_INSTALL_ORDER_H_
#define RESOLVER_INSTALL_ORDER_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace orrery::resolver {

// `consumer` uses `provider`; both by node text.
struct OrderEdge {
  std::string consumer;
  std::string provider;
  // The consumer cannot start before the provider has told it something.
  bool hard = false;
};

// Groups of nodes, providers first and otherwise by text (resolver.md §13).
// Nodes that need each other are one group, inside of which only hard edges
// count. kFailedPrecondition `plan.cycle: a -> b -> a wait for each other's
// outputs` for a circle of hard edges. Edges to what is not among `nodes` are
// ignored.
absl::StatusOr<std::vector<std::vector<std::string>>> InstallOrder(
    std::span<const std::string> nodes, std::span<const OrderEdge> edges);

}  // namespace orrery::resolver

#endif  // RESOLVER_INSTALL_ORDER_H_
