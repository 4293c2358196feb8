// The order that `dependencies` of apps ask for: what they name starts before
// them and stops behind them (orchestrators.md §3.5). What no app of this
// target has asks for nothing.

#ifndef CATALOG_ORCHESTRATOR_APP_DEPENDENCIES_H_
#define CATALOG_ORCHESTRATOR_APP_DEPENDENCIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/orchestrator/local_app.h"
#include "catalog/orchestrator/local_state.h"
#include "catalog/orchestrator/marathon_app.h"

namespace orrery::catalog {

// A view of the apps as they are; valid until one comes or goes.
class AppDependencies {
 public:
  explicit AppDependencies(const LocalState& state);

  // One that `app` depends on and that has not come up yet, or null.
  const LocalApp* Awaited(const LocalApp& app) const;
  // One that depends on `app`, is being removed and still runs, or null.
  const LocalApp* RunningDependent(const LocalApp& app) const;
  // Ids of apps that would wait for each other if there were this one, in
  // order, it being the first and the last; empty when none would.
  std::vector<std::string> Circle(const MarathonApp& app) const;

 private:
  // Those that name others, and all by id where there are such.
  std::vector<const LocalApp*> dependents_;
  std::map<absl::string_view, const LocalApp*> by_id_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_APP_DEPENDENCIES_H_
