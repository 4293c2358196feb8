#ifndef CATALOG_RESOLUTION_NOT_ADMITTED_H_
#define CATALOG_RESOLUTION_NOT_ADMITTED_H_

#include <string>

#include "absl/status/status.h"

#include "catalog/resolution/resolution.h"

namespace orrery::catalog {

// `not admitted by policy: name.denied: line 7 of the policy denies kafka`.
// Requires: not OK.
std::string NotAdmittedText(const absl::Status& refusal);

// The note `not-admitted` of a service that stays all the same.
AnswerNote NotAdmittedNote(const absl::Status& refusal);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_NOT_ADMITTED_H_
