// What one release may have at most. What goes beyond refuses the release, so
// a verdict belongs to these numbers as it belongs to the rules.

#ifndef REGISTRY_FORMAT_RELEASE_LIMITS_H_
#define REGISTRY_FORMAT_RELEASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace orrery::registry {

inline constexpr size_t kMaxReleaseFiles = 256;
inline constexpr uint64_t kMaxReleaseFileBytes = uint64_t{1} << 20;
inline constexpr uint64_t kMaxReleaseBytes = uint64_t{8} << 20;

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELEASE_LIMITS_H_
