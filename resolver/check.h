// Whether an assignment is a solution.

#ifndef RESOLVER_CHECK_H_
#define RESOLVER_CHECK_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver {

struct Violation {
  // `R1` to `R10` of resolver.md §4, or `tight`: something is chosen that
  // nothing asks for.
  std::string rule;
  // The node that breaks it, or that is in the way; empty if the request is not
  // met.
  std::string node;
  std::string text;
};

// The rules that `chosen` breaks, none if it is a tight solution. No search,
// and not a line in common with the solver, which it is there to check. Loads
// what is chosen. Errors are the first one of the source.
absl::StatusOr<std::vector<Violation>> Check(
    const Request& request, std::span<const ChosenRelease> chosen,
    MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_CHECK_H_
