#ifndef CLI_PLUGIN_TRUST_SERVICE_ADMISSION_H_
#define CLI_PLUGIN_TRUST_SERVICE_ADMISSION_H_

#include "absl/status/status.h"

#include "catalog/verify/verifier.h"
#include "registry/format/json_value.h"

namespace orrery::cli {

// Whether policy and log of today would admit what an installed service runs:
// steps 3 to 13 of trust.md §14.1 for its release, named by tree. `service` is
// the API's document.
absl::Status CheckService(const registry::JsonValue& service,
                          catalog::Verifier& verifier);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_SERVICE_ADMISSION_H_
