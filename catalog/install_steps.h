#ifndef CATALOG_INSTALL_STEPS_H_
#define CATALOG_INSTALL_STEPS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/catalog_store.h"
#include "catalog/clusters.h"
#include "catalog/plan.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/wiring.h"
#include "catalog/service_record.h"
#include "registry/format/json_value.h"
#include "registry/index/release_relations.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// A service that a plan starts, with what its record takes from the answer.
struct StartingService {
  PlanStep step;
  std::string source_url;
  std::vector<std::string> features;
  std::vector<ServiceBinding> bindings;
};

// The steps that carry out an answer in which services are added.
class InstallSteps {
 public:
  // All must outlive this.
  InstallSteps(CatalogStore* store, const Clusters* clusters,
               const registry::Snapshot* snapshot,
               const Resolution* resolution);

  // Providers first. `options` are the user's for the node `asked`. Errors as
  // MakeServiceStep and WireServices; kFailedPrecondition with reason
  // NEEDS_CHANGE when a service that runs would have to become another.
  absl::StatusOr<std::vector<StartingService>> Make(
      const std::string& asked, const registry::JsonValue& options,
      bool allow_unknown_options);

  // What a reader should know before agreeing.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  // What is read of a node once.
  struct NodeFiles {
    std::optional<registry::JsonValue> config;
    std::shared_ptr<const registry::RelationsDocument> relations;
    std::optional<ServiceRecord> record;
  };

  absl::Status CheckActions() const;
  absl::Status ReadNodes();
  absl::Status ReadNode(const ResolvedNode& node);
  absl::StatusOr<std::map<std::string, WiredService>> Wire(
      const std::string& asked, const registry::JsonValue& options,
      Orchestrator* cluster);
  StartingService Starting(const ResolvedNode& node,
                           const WiredService& wired) const;

  CatalogStore* store_;
  const Clusters* clusters_;
  const registry::Snapshot& snapshot_;
  const Resolution& resolution_;
  std::map<std::string, NodeFiles> files_;
  std::vector<std::string> warnings_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_INSTALL_STEPS_H_
