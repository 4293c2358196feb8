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
#include "catalog/install_steps.h"
#include "catalog/operation.h"
#include "catalog/operation_runner.h"
#include "catalog/plan.h"
#include "catalog/resolution/package_resolver.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

struct InstallRequest {
  std::string cluster;
  std::string package;
  // A range of versions (resolver.md §3); empty means any.
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
  // That of the service which was asked for; nothing then.
  std::optional<Operation> operation;
};

// Installs a release as a service, with the services that it needs and that
// are not there: each gets an operation of its own, which waits for those it
// comes after. Thread-safe.
class Installer {
 public:
  // All must outlive this; `snapshot` gives the current one.
  Installer(CatalogStore* store, const Clusters* clusters,
            OperationRunner* runner, PackageResolver* resolver,
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
  // A plan with the services that it starts, in the order of its steps.
  struct Prepared {
    Plan plan;
    std::vector<StartingService> services;
  };

  absl::StatusOr<Prepared> Prepare(const InstallRequest& request) const;
  // The operation of a service after those `before`, and its record.
  ServiceOperation Begin(const StartingService& service,
                         const std::vector<ServiceOperation>& before) const;

  CatalogStore* store_;
  const Clusters* clusters_;
  OperationRunner* runner_;
  PackageResolver* resolver_;
  std::function<registry::SnapshotPtr()> snapshot_;
  std::function<absl::Time()> now_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_INSTALL_H_
