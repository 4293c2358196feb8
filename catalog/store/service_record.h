#ifndef CATALOG_STORE_SERVICE_RECORD_H_
#define CATALOG_STORE_SERVICE_RECORD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/resolution/running_service.h"
#include "catalog/store/stored_json.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// What is kept of an installed service. It holds the definition it was made
// from, so that what runs can be served when the release is gone from its
// source.
struct ServiceRecord : RunningService {
  std::string cluster;
  // URL of the release's source.
  std::string source_url;
  // Options that relations set, under the user's; one JSON object as text.
  std::string computed = "{}";
  // Those of them that nobody may be shown; JSON pointers.
  std::vector<std::string> secrets;
  // The Marathon app as JSON text, package definition included.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  int instances = 0;
  // Whether it once ran as wanted.
  bool established = false;
  absl::Time create_time;
};

// A binding in stored form, and back.
registry::JsonValue BindingToJson(const ServiceBinding& binding);
ServiceBinding ReadBinding(StoredObject& stored);
// The same of an artifact.
registry::JsonValue ArtifactToJson(const ArtifactPin& artifact);
ArtifactPin ReadArtifact(StoredObject& stored);

// Notes that `record` has taken the place of `before`, which ran: what it was
// can be gone back to. Going back to the latest of those takes it from the
// list, and being told other things by others is no new generation.
void NoteGeneration(const ServiceRecord& before, ServiceRecord* record);

// Notes that `record` was to be another release, which did not come up. The
// last few are kept.
void NoteFailure(FailedRelease failed, ServiceRecord* record);
// Forgets what was noted of the release that it is.
void ForgetFailure(ServiceRecord* record);

// Accepts names that every target can carry: 1 to 63 characters of
// `[a-z0-9-]`, no dash at either end, and such names of folders before it, as
// in `folder/name`; 127 characters in all. kInvalidArgument otherwise.
absl::Status CheckServiceName(absl::string_view name);

// The stored form, and back; kDataLoss when `text` is none.
std::string WriteServiceRecord(const ServiceRecord& record);
absl::StatusOr<ServiceRecord> ReadServiceRecord(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_SERVICE_RECORD_H_
