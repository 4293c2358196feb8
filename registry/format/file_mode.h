#ifndef REGISTRY_FORMAT_FILE_MODE_H_
#define REGISTRY_FORMAT_FILE_MODE_H_

#include <cstdint>

namespace orrery::registry {

// Modes of the entries of a directory, as git has them.
inline constexpr uint32_t kTreeMode = 0040000;
inline constexpr uint32_t kFileMode = 0100644;
inline constexpr uint32_t kExecutableMode = 0100755;
inline constexpr uint32_t kLinkMode = 0120000;
inline constexpr uint32_t kSubmoduleMode = 0160000;

// No mode of git: of a release that is served on although its directory has
// left the followed branch.
inline constexpr uint32_t kGoneMode = 0;

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_FILE_MODE_H_
