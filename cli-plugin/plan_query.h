#ifndef CLI_PLUGIN_PLAN_QUERY_H_
#define CLI_PLUGIN_PLAN_QUERY_H_

#include "absl/status/statusor.h"
#include "cli-plugin/plan_run.h"

#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/solve_basis.h"

namespace orrery::cli {

// What a change asks the resolver, as the server makes it of the request; of an
// upgrade, package and options of the service are the server's word, `basis`.
// kInvalidArgument.
absl::StatusOr<catalog::ResolveQuery> QueryOf(const AskedChange& change,
                                              const catalog::SolveBasis& basis);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PLAN_QUERY_H_
