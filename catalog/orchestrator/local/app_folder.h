// Where the `local` target keeps things, and apps as they are read back.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_APP_FOLDER_H_
#define CATALOG_ORCHESTRATOR_LOCAL_APP_FOLDER_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/local/local_app.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/orchestrator/task/local_config.h"

namespace orrery::catalog {

std::string AppsDirectory(const LocalConfig& config);
std::string InstancesDirectory(const LocalConfig& config);
// state_dir/volumes/<service>
std::string ServiceVolumeDirectory(const LocalConfig& config,
                                   absl::string_view service);
// state_dir/volumes/<service>/<slot>
std::string VolumeDirectory(const LocalConfig& config,
                            absl::string_view service, int slot);

// The app of the service whose folder is state_dir/apps/`name`, without
// instances. One that cannot be read, or cannot run any more, says why in its
// `problem`; it has no checks then, and no slots unless they are known.
// kNotFound when there is no record.
absl::StatusOr<LocalApp> ReadApp(const LocalConfig& config,
                                 const std::string& name);

// The app as it was in that generation, for an instance of it that still lives:
// the manifest, pins and user that it was launched with. An early one that is
// not kept any more is taken for the present one, without checks.
LocalApp AppOfGeneration(const LocalConfig& config, const LocalApp& app,
                         int64_t generation);

// Writes the record durably as the app's present one, and one that it takes the
// place of as an earlier one; the last 20 of these are kept.
absl::Status SaveAppRecord(const AppRecord& record,
                           const std::string& directory);
absl::Status SaveEarlierRecord(const AppRecord& record,
                               const std::string& directory);
// kNotFound when it is not kept any more.
absl::StatusOr<AppRecord> ReadEarlierRecord(const std::string& directory,
                                            int64_t generation);

// Notes in the folder of an app when every instance of that generation was up
// for the first time.
// Not synced, and not in the record: when it is lost, the checks of the app
// decide again after a restart.
void WriteDeployedTime(const std::string& directory, int64_t generation,
                       absl::Time time);

// Slots for the instances of an app with the ports of its record.
std::vector<LocalSlot> MakeSlots(const LocalApp& app);

// What the removal of an app took and left.
RemovalReceipt MakeReceipt(const LocalApp& app, const LocalConfig& config);
// What an earlier removal left, when nobody knows any more what it took: the
// folders of `ended` instances, and volumes that are there.
RemovalReceipt LeftBehind(const LocalConfig& config, absl::string_view service,
                          const std::deque<EndedInstance>& ended);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_APP_FOLDER_H_
