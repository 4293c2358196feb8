#ifndef CATALOG_ORCHESTRATOR_CLUSTERS_H_
#define CATALOG_ORCHESTRATOR_CLUSTERS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// The registered clusters by name. Filled before anything reads it; then
// thread-safe.
class Clusters {
 public:
  void Add(std::string name, std::unique_ptr<Orchestrator> orchestrator);

  // kNotFound with reason CLUSTER_NOT_FOUND and the known names.
  absl::StatusOr<Orchestrator*> Find(absl::string_view name) const;
  // Sorted.
  std::vector<std::string> Names() const;

 private:
  std::map<std::string, std::unique_ptr<Orchestrator>, std::less<>> clusters_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_CLUSTERS_H_
