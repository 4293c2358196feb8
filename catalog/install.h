#ifndef CATALOG_INSTALL_H_
#define CATALOG_INSTALL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/planning/planner.h"
#include "catalog/resolution/resolve_query.h"

namespace orrery::catalog {

struct InstallRequest {
  std::string cluster;
  std::string package;
  // A range of versions (resolver.md §3), or a revision of a release,
  // `release=7#1`; empty means any.
  std::string range;
  // Empty means the package's name.
  std::string service;
  // The user's options, one JSON object as text; empty means none.
  std::string options;
  bool allow_unknown_options = false;
  // Features that are to be on.
  std::vector<std::string> features = {};
  // What else is wanted of the answer; its items come after the service.
  ResolveQuery choices = {};
};

// Installs a release as a service, with the services that it needs and that
// are not there: each gets an operation of its own, which waits for those it
// comes after. What runs is changed only where it must. Thread-safe.
class Installer {
 public:
  // `planner` must outlive this.
  explicit Installer(const Planner* planner) : planner_(*planner) {}

  // What an installation would do. Changes nothing. The errors are those of
  // CatalogService.InstallService in catalog/v1/service.proto.
  absl::StatusOr<Plan> MakeInstallPlan(const InstallRequest& request) const;

  // Plans and begins. When `plan_id` is not empty, kAborted with reason
  // PLAN_CHANGED unless the plan has that id.
  absl::StatusOr<StartedPlan> Install(const InstallRequest& request,
                                      const std::string& plan_id) const;

 private:
  absl::StatusOr<PreparedPlan> Prepare(const InstallRequest& request) const;

  const Planner& planner_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_INSTALL_H_
