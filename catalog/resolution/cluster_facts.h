#ifndef CATALOG_RESOLUTION_CLUSTER_FACTS_H_
#define CATALOG_RESOLUTION_CLUSTER_FACTS_H_

#include <map>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// What relations can ask of a cluster of that kind (resolver.md §1.5), by name:
// `@kind`, `@feature:volumes`.
std::map<std::string, std::string> ClusterFacts(absl::string_view kind);

// Every fact that relations can name, but for labels of a cluster.
std::span<const absl::string_view> KnownFacts();

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_CLUSTER_FACTS_H_
