// Replacing the instances of a `local` app after an update, as many at a time
// as its upgrade strategy allows (orchestrators.md §3.5). Decides only: what it
// orders to end is ended, and what is missing launched, by others.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ROLLOUT_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ROLLOUT_H_

#include <cstdint>

#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/local_app.h"

namespace orrery::catalog {

struct RolloutPace {
  // Instances that serve at any time.
  int64_t min_up = 0;
  // Instances that run at any time.
  int64_t most = 0;
  // An instance ends before its successor starts.
  bool stop_start = false;
};

// Ports and volumes stay with the service, so an app that has some cannot run
// beside its successor; then one instance less than all may be up.
RolloutPace PaceOf(const MarathonApp& app);

// Gives the slots what the changed record says: their number and ports and,
// where their instances are to be replaced, a new start.
void RenewSlots(LocalApp* app);

// Orders those instances to end whose turn it is. Called again and again.
void StepRollout(absl::Time now, LocalApp* app);

// Whether every instance is up in the app's present form, and that was not
// noted yet. Not while an update is on its way, whose ports are not the
// record's yet.
bool HasJustComeUp(const LocalApp& app);

// Whether the rollout has come to its end.
bool IsRolledOut(const LocalApp& app);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ROLLOUT_H_
