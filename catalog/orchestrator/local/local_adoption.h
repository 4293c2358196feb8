// Taking up again what an earlier orreryd has left (orchestrators.md §3.6).

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ADOPTION_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ADOPTION_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

// Reads `config.state_dir`, whose folders are made when missing, into the empty
// `state`: the apps with their ports, the instances that live, and those that
// have ended. One app or instance that cannot be understood is no fault: it is
// marked, and the others go on.
absl::Status LoadState(const LocalConfig& config, absl::Time now,
                       LocalState* state);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_ADOPTION_H_
