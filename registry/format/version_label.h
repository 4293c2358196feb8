// What can be said about a version label, which is an opaque string, for the
// rules that look at it (universe-format §10, §11). Nothing else may order
// releases by these.

#ifndef REGISTRY_FORMAT_VERSION_LABEL_H_
#define REGISTRY_FORMAT_VERSION_LABEL_H_

#include <compare>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// Whether `label` is a version of SemVer 2.0.0.
bool IsSemVer(absl::string_view label);

// Whether `label` names what changes under it: `latest`, `3.1.x`, `3.2.x-2`.
bool IsMovingLabel(absl::string_view label);

// Runs of digits, of a-z and of anything else but dots, compared one by one; a
// prefix is smaller. Digits against text is unordered.
std::partial_ordering CompareLoosely(absl::string_view a, absl::string_view b);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_VERSION_LABEL_H_
