// What the outputs of a service are now (resolver.md §6.1).

#ifndef CATALOG_SERVICE_OUTPUTS_H_
#define CATALOG_SERVICE_OUTPUTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/store/service_record.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

struct ServiceOutput {
  std::string name;
  // A list has commas between its elements.
  std::string value;

  bool operator==(const ServiceOutput&) const = default;
};

// By name, by the relations that the service was installed with. One is left
// out while a port of it is not there, or an option of it has no value; the
// defaults of options are those of the release in `snapshot`, which may be null
// and may have lost it. Of a secret the value is `(secret)`. `kind` is that of
// the cluster.
std::vector<ServiceOutput> ServiceOutputs(
    const ServiceRecord& record, absl::string_view kind,
    const std::vector<AppEndpoint>& endpoints,
    const registry::Snapshot* snapshot);

}  // namespace orrery::catalog

#endif  // CATALOG_SERVICE_OUTPUTS_H_
