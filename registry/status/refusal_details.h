#ifndef REGISTRY_STATUS_REFUSAL_DETAILS_H_
#define REGISTRY_STATUS_REFUSAL_DETAILS_H_

#include "absl/status/status.h"

namespace orrery::registry {

// Reason of a refusal of trust.md §14.2. Its facts are the members of the
// refusal object as text: `refused`, `exit` and, as far as they are known,
// `check`, `registry`, `package`, `release`, `revision`, `leaf`, `evidence`.
inline constexpr char kNotTrusted[] = "NOT_TRUSTED";

// `status` with that reason and its facts, if it is a refusal and has no reason
// yet. Anything else stays as it is.
absl::Status TellRefusal(absl::Status status);

}  // namespace orrery::registry

#endif  // REGISTRY_STATUS_REFUSAL_DETAILS_H_
