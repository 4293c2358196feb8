// Broken rules of a lock, in words.

#ifndef CATALOG_RESOLUTION_LOCK_RULE_TEXT_H_
#define CATALOG_RESOLUTION_LOCK_RULE_TEXT_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"

#include "catalog/resolution/resolver_request.h"
#include "resolver/answer.h"
#include "resolver/check.h"

namespace orrery::catalog {

// The sentence of the fact that stands against what a lock has (resolver.md
// §11.2). `chosen` is what was checked.
absl::StatusOr<std::string> RuleText(
    const resolver::Violation& violation,
    std::span<const resolver::ChosenRelease> chosen, PreparedQuery& prepared);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOCK_RULE_TEXT_H_
