#ifndef REGISTRY_FORMAT_PACKAGING_VERSION_H_
#define REGISTRY_FORMAT_PACKAGING_VERSION_H_

#include <cstdint>

namespace orrery::registry {

// Edition of the format that a release says it is written in; it selects the
// schemas of its files (universe-format §4).
enum class PackagingVersion : uint8_t {
  k20 = 20,
  k30 = 30,
  k40 = 40,
  k50 = 50
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_PACKAGING_VERSION_H_
