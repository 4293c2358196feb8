#ifndef CATALOG_RESOLUTION_WHY_H_
#define CATALOG_RESOLUTION_WHY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/resolution.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The shortest chains from what is asked for, or runs, to a node, at most 5
// (resolver.md §14.2, §14.3); `node` may be the name of a service, too.
// kNotFound when the answer does not have the node; as CheckSolved when there
// is no answer.
absl::StatusOr<registry::JsonValue> WhyToJson(const Resolution& resolution,
                                              absl::string_view node);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_WHY_H_
