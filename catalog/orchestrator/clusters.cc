#include "catalog/orchestrator/clusters.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/status/error_details.h"
#include "resolver/spelling.h"

namespace orrery::catalog {

void Clusters::Add(std::string name,
                   std::unique_ptr<Orchestrator> orchestrator) {
  clusters_[std::move(name)] = std::move(orchestrator);
}

absl::StatusOr<Orchestrator*> Clusters::Find(absl::string_view name) const {
  const auto found = clusters_.find(name);
  if (found != clusters_.end()) return found->second.get();
  const std::vector<std::string> names = Names();
  return registry::WithReason(
      absl::NotFoundError(absl::StrCat(
          "no cluster '", name, "'; registered: ", absl::StrJoin(names, ", "))),
      "CLUSTER_NOT_FOUND",
      {{registry::kDidYouMean,
        absl::StrJoin(resolver::NearestWords(name, names), ", ")}});
}

std::vector<std::string> Clusters::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, orchestrator] : clusters_) names.push_back(name);
  return names;
}

}  // namespace orrery::catalog
