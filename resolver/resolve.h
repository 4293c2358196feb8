// The solver.

#ifndef RESOLVER_RESOLVE_H_
#define RESOLVER_RESOLVE_H_

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver {

// The canonical answer (resolver.md §9) to a request: the same for the same
// request and source, wherever and however often it is asked. That there is no
// solution, and that the budget ended, are answers; errors are the first one of
// the source, unchanged.
absl::StatusOr<Answer> Resolve(const Request& request, MetadataSource& source);

}  // namespace orrery::resolver

#endif  // RESOLVER_RESOLVE_H_
