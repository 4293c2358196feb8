// What was decided for an app of the `local` target, and must outlive orreryd:
// state_dir/apps/<service>/app.json.

#ifndef CATALOG_ORCHESTRATOR_LOCAL_APP_RECORD_H_
#define CATALOG_ORCHESTRATOR_LOCAL_APP_RECORD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/orchestrator.h"

namespace orrery::catalog {

struct AppRecord {
  std::string service;
  // As it was given.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  // Grows with each update.
  int64_t generation = 1;
  // Generations of which instances may stay, this one among them: they differ
  // in nothing that a task could notice. Others are to be replaced.
  std::set<int64_t> valid = {1};
  absl::Time create_time;
  // When this generation was decided.
  absl::Time change_time;
  // Host ports of each instance, in the order of the app's ports.
  std::vector<std::vector<int>> ports;
  // Ports that strangers took, by the ones that are there instead; the latest
  // last.
  std::map<int, std::vector<int>> former_ports;
  // When every instance was up for the first time.
  std::optional<absl::Time> deployed_time;
  bool removing = false;
  // A job.
  bool run_once = false;
};

std::string EncodeAppRecord(const AppRecord& record);
// kDataLoss when it is none.
absl::StatusOr<AppRecord> DecodeAppRecord(absl::string_view text);

// Notes that an instance has the port `now` instead of `before`.
void NoteMovedPort(int before, int now, AppRecord* record);

// All ports of all instances.
std::set<int> PortsOf(const AppRecord& record);

// A service name as one file name that no other service has.
std::string ServiceFileName(absl::string_view service);
// The service that has the file name.
std::string ServiceOfFileName(absl::string_view name);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_LOCAL_APP_RECORD_H_
