#ifndef REGISTRY_STATUS_REFUSAL_DETAILS_H_
#define REGISTRY_STATUS_REFUSAL_DETAILS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/status/error_details.h"
#include "signing/refusal.h"

namespace orrery::registry {

// Reason of a refusal of trust.md §14.2. Its facts are the members of the
// refusal object as text: `refused`, `exit` and, as far as they are known,
// `check`, `registry`, `package`, `release`, `revision`, `leaf`, `file`,
// `line`, `pointer`, `evidence`.
inline constexpr char kNotTrusted[] = "NOT_TRUSTED";

// `status` with that reason and its facts, if it is a refusal and has no reason
// yet. Anything else stays as it is.
absl::Status TellRefusal(absl::Status status);

// `status` with a reason of its own and, beside its facts, `refused` and `exit`
// of a refusal.
absl::Status WithRefusal(absl::Status status, absl::string_view reason,
                         signing::RefusalCode code, ErrorMetadata facts = {});

// What was refused, as `git.rewrite`; empty when the status does not say.
std::string RefusedBy(const absl::Status& status);

}  // namespace orrery::registry

#endif  // REGISTRY_STATUS_REFUSAL_DETAILS_H_
