#ifndef REGISTRY_GIT_GIT_DELTA_H_
#define REGISTRY_GIT_GIT_DELTA_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

struct DeltaSizes {
  uint64_t base = 0;
  uint64_t result = 0;
};

// What stands at the beginning of a delta, of which the first 20 bytes do.
// kDataLoss when it is malformed.
absl::StatusOr<DeltaSizes> ParseDeltaSizes(absl::string_view delta);

// What `delta` makes of `base` (gitformat-pack(5), "Deltified representation").
// kDataLoss when it is malformed or does not fit; kResourceExhausted, before
// anything is made, when that would have more than `max_bytes`.
absl::StatusOr<std::string> ApplyDelta(absl::string_view base,
                                       absl::string_view delta,
                                       uint64_t max_bytes);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_DELTA_H_
