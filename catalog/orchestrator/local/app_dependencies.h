// The order that `dependencies` of apps ask for: what they name starts before
// them and stops behind them (orchestrators.md §3.5). What no app of this
// target has asks for nothing.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_APP_DEPENDENCIES_H_
#define CATALOG_ORCHESTRATOR_LOCAL_APP_DEPENDENCIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/local/local_state.h"

namespace orrery::catalog {

// A view of the apps as they are; valid until one comes or goes.
class AppDependencies {
 public:
  explicit AppDependencies(const LocalState& state);

  // One that `app` depends on and that has not come up yet, or null.
  const LocalApp* Awaited(const LocalApp& app) const;
  // One that depends on `app`, is being removed and still runs, or null. Of
  // those that depend on each other none has to be the first.
  const LocalApp* RunningDependent(const LocalApp& app) const;
  // Ids of apps that would wait for each other if there were this one, in
  // order, it being the first and the last; empty when none would. Those that
  // arrive count, and what updates make of others.
  std::vector<std::string> Circle(const MarathonApp& app) const;

 private:
  // The ids that `app` depends on, also through others, each with the one that
  // names it. Of an id in a circle the way leads back to itself.
  std::map<std::string, std::string> WaysFrom(const MarathonApp& app) const;

  // Those that name others, and all by id where there are such.
  std::vector<const LocalApp*> dependents_;
  std::map<absl::string_view, const LocalApp*> by_id_;
  // By id: forms that name others and that no app has yet.
  std::map<absl::string_view, const MarathonApp*> coming_;
};

// Keeps the app from its next step as long as another one has to go first.
void NoteDependencies(const AppDependencies& dependencies, absl::Time now,
                      LocalApp* app);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_APP_DEPENDENCIES_H_
