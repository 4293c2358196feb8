#ifndef CATALOG_RESOLUTION_NOT_ADMITTED_H_
#define CATALOG_RESOLUTION_NOT_ADMITTED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/running_service.h"

namespace orrery::catalog {

// `not admitted by policy: name.denied: line 7 of the policy denies kafka`.
// Requires: not OK.
std::string NotAdmittedText(const absl::Status& refusal);

// What is to be said of a service that stays all the same: the note
// `not-admitted`, or `yanked` when its maintainers took back what it runs and
// the policy lets that pass.
std::vector<AnswerNote> NotesOnRunning(const ReleaseAdmission& admission,
                                       const RunningService& service);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_NOT_ADMITTED_H_
