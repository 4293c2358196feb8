#ifndef REGISTRY_LOG_NEW_LEAF_H_
#define REGISTRY_LOG_NEW_LEAF_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"

#include "signing/record/record.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

// What is to be logged: a record of the registry's own, whose origin, seq, prev
// and source statement are filled in when it is; or the leaf of one that its
// maintainers have signed.
using NewLeaf = std::variant<signing::Record, std::string>;

// The bytes of the leaf, as the next of `log`. kCancelled when a record speaks
// of a source that is retired.
absl::StatusOr<std::string> PlaceLeaf(const signing::LogState& log,
                                      NewLeaf leaf);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_NEW_LEAF_H_
