// Where the `local` target keeps things, and apps as they are read back.

#ifndef CATALOG_ORCHESTRATOR_APP_FOLDER_H_
#define CATALOG_ORCHESTRATOR_APP_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/local_app.h"
#include "catalog/orchestrator/local_config.h"
#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

// state_dir/volumes/<service>
std::string ServiceVolumeDirectory(const LocalConfig& config,
                                   absl::string_view service);
// state_dir/volumes/<service>/<slot>
std::string VolumeDirectory(const LocalConfig& config,
                            absl::string_view service, int slot);

// An app whose record is in `directory`, without instances. kNotFound when
// there is no record, kDataLoss when it cannot be understood.
absl::StatusOr<LocalApp> ReadApp(const std::string& directory,
                                 const LocalConfig& config);

// Slots for the instances of an app with the ports of its record.
std::vector<LocalSlot> MakeSlots(const LocalApp& app);

// What the removal of an app took and left.
RemovalReceipt MakeReceipt(const LocalApp& app, const LocalConfig& config);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_APP_FOLDER_H_
