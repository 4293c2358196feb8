#ifndef CATALOG_API_RESOLVE_QUERY_PROTO_H_
#define CATALOG_API_RESOLVE_QUERY_PROTO_H_

#include "absl/status/statusor.h"

#include "catalog/resolution/resolve_query.h"
#include "catalog/v1/resolution.pb.h"

namespace orrery::catalog {

// kInvalidArgument says what cannot be read.
absl::StatusOr<ResolveQuery> ResolveQueryOf(const v1::ResolveRequest& request);

}  // namespace orrery::catalog

#endif  // CATALOG_API_RESOLVE_QUERY_PROTO_H_
