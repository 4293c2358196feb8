// All that the `local` target knows of its apps. Plain data, guarded by the
// lock of LocalSupervisor; nothing here touches files or processes.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_LOCAL_STATE_H_
#define CATALOG_ORCHESTRATOR_LOCAL_LOCAL_STATE_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/orchestrator/local/host_capacity.h"
#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/local/local_ports.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

struct LocalState {
  explicit LocalState(const LocalConfig& config)
      : ports(config.first_port, config.last_port) {}

  // By name of the service.
  std::map<std::string, LocalApp, std::less<>> apps;
  // Apps of services whose first record is being written.
  std::map<std::string, std::shared_ptr<const MarathonApp>, std::less<>>
      arriving;
  std::map<std::string, RemovalReceipt, std::less<>> receipts;
  // Of services that have no app any more; their folders are kept for a while.
  std::map<std::string, std::deque<EndedInstance>, std::less<>> departed;
  // Folders of instances that belonged to no app and were stopped.
  std::vector<std::string> strays;
  PortLedger ports;
};

// The output of one task, for a reader.
struct TaskLogs {
  std::string task_id;
  std::shared_ptr<InstanceLogs> logs;
  bool ended = false;
};

// kNotFound when the service has no app.
absl::StatusOr<LocalApp*> FindApp(LocalState* state, absl::string_view service);
absl::StatusOr<const LocalApp*> FindApp(const LocalState& state,
                                        absl::string_view service);
// The slot that runs that instance, or null.
LocalSlot* FindSlot(LocalState* state, absl::string_view service, int slot,
                    absl::string_view instance_id);

// What the instances there are have booked.
Resources UsedResources(const LocalApp& app);
Resources UsedResources(const LocalState& state);

// The output of the living instances, and of the last ended one where none
// lives; or, when `task` is not empty, of that one. kNotFound.
absl::StatusOr<std::vector<TaskLogs>> LogsOf(const LocalApp& app,
                                             absl::string_view task);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_LOCAL_STATE_H_
