#ifndef CATALOG_VERIFY_LOG_AUDIT_H_
#define CATALOG_VERIFY_LOG_AUDIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/verify/place_list.h"
#include "catalog/verify/registry_view.h"
#include "signing/policy/registry_trust.h"
#include "signing/replay/log_state.h"

namespace orrery::catalog {

// What a walk through a whole log found.
struct LogAudit {
  int64_t leaves = 0;
  int64_t tiles = 0;
  int64_t catalogs = 0;
  // Records of maintainers whose signatures are right and enough.
  int64_t signed_records = 0;
  // Leaves that break a rule, or lack signatures, and that `names` excuses.
  std::vector<signing::VoidLeaf> excused;
  // Refusals, each with its place, by leaf; none in an honest log.
  std::vector<absl::Status> faults;
};

// Reads every hash tile, entry and single leaf, and the newest catalog, and
// compares them with what the leaves give; computes the catalog of every index
// leaf again, and verifies every signature of maintainers, whatever anchors
// their keysets. `view` is that of the same registry. kCancelled, and failures
// of transport as log.unavailable; what is wrong with the log is a fault.
absl::StatusOr<LogAudit> AuditLog(const signing::RegistryTrust& trust,
                                  RegistryView& view, PlaceList& places);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_LOG_AUDIT_H_
