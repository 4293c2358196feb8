#ifndef CATALOG_INSTALL_H_
#define CATALOG_INSTALL_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/catalog_store.h"
#include "catalog/clusters.h"
#include "catalog/operation.h"
#include "catalog/operation_runner.h"
#include "catalog/plan.h"
#include "registry/snapshot.h"

namespace orrery::catalog {

struct InstallRequest {
  std::string cluster;
  std::string package;
  // As ReleaseRange::Parse reads it; empty means the default release.
  std::string range;
  // Empty means the package's name.
  std::string service;
  // The user's options, one JSON object as text; empty means none.
  std::string options;
  bool allow_unknown_options = false;
};

struct InstallStart {
  // Without steps when the service already is as wanted.
  Plan plan;
  // Nothing then.
  std::optional<Operation> operation;
};

// Installs a release as a service. Thread-safe.
class Installer {
 public:
  // `store`, `clusters` and `runner` must outlive this; `snapshot` gives the
  // current one.
  Installer(CatalogStore* store, const Clusters* clusters,
            OperationRunner* runner,
            std::function<registry::SnapshotPtr()> snapshot,
            std::function<absl::Time()> now);

  // What an installation would do. Changes nothing. The errors are those of
  // CatalogService.InstallService in catalog/v1/service.proto.
  absl::StatusOr<Plan> MakeInstallPlan(const InstallRequest& request) const;

  // Plans and begins. When `plan_id` is not empty, kAborted with reason
  // PLAN_CHANGED unless the plan has that id.
  absl::StatusOr<InstallStart> Install(const InstallRequest& request,
                                       const std::string& plan_id);

 private:
  // A plan with what the service's record takes from the release.
  struct Prepared {
    Plan plan;
    std::string source_url;
  };

  absl::StatusOr<Prepared> Prepare(const InstallRequest& request) const;

  CatalogStore* store_;
  const Clusters* clusters_;
  OperationRunner* runner_;
  std::function<registry::SnapshotPtr()> snapshot_;
  std::function<absl::Time()> now_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_INSTALL_H_
