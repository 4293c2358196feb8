// Which names and ports an app of the `local` target may have: the ledger
// decides between services, a probe finds strangers.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_PORT_BOOKING_H_
#define CATALOG_ORCHESTRATOR_LOCAL_PORT_BOOKING_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/local_state.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/task_user.h"

namespace orrery::catalog {

// An app that was checked and may be started.
struct NewApp {
  AppRequest request;
  std::shared_ptr<const MarathonApp> app;
  TaskUser user;
};

// Whether the port of that index is the one the app insists on.
bool IsFixedPort(const MarathonApp& app, size_t index);

// Whether nobody has the app's service, its id or its fixed ports; in memory.
// kAlreadyExists, kFailedPrecondition with the holder named.
absl::Status CheckLedger(const LocalState& state, const NewApp& app);
// The same for an app that takes the place of `running`: only other services
// count. kFailedPrecondition also when that is being removed.
absl::Status CheckLedgerForUpdate(const PortLedger& ledger,
                                  const LocalApp& running, const NewApp& app);
// Whether no stranger has its fixed ports but `own`, and it may listen on them;
// looks at the host.
absl::Status CheckStrangers(const NewApp& app, const std::set<int>& own = {});

// Books the ports of every instance. kResourceExhausted when the range is
// used up; nothing is booked then. Requires: CheckLedger.
absl::StatusOr<std::vector<std::vector<int>>> BookPorts(const NewApp& app,
                                                        PortLedger* ledger);

struct Rebooking {
  // Of every instance.
  std::vector<std::vector<int>> ports;
  // Those of them that the service had not booked before.
  std::vector<int> added;
};

// The same for an app that takes the place of `running`: its instances keep
// their ports of the same name, or of the same place where they have none. What
// `running` had and the new one has not stays booked.
absl::StatusOr<Rebooking> RebookPorts(const NewApp& app,
                                      const LocalApp& running,
                                      PortLedger* ledger);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_PORT_BOOKING_H_
