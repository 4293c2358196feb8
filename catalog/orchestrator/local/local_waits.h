// What the loop of the `local` target waits for.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_WAITS_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_WAITS_H_

#include <vector>

#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/local/local_state.h"

namespace orrery::catalog {

// Whether an instance of the slot, which has none, is launched when it is time.
bool IsToBeLaunched(const LocalApp& app, const LocalSlot& slot);

// When something is to be done although nothing happens.
absl::Time NextLook(const LocalState& state, absl::Time now);

// Descriptors that become readable when something happens.
std::vector<int> WatchedDescriptors(const LocalState& state);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_WAITS_H_
