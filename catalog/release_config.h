#ifndef CATALOG_RELEASE_CONFIG_H_
#define CATALOG_RELEASE_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "registry/format/json_value.h"
#include "registry/index/snapshot.h"

namespace orrery::catalog {

// The schema of a release's options; nothing when source, release or file is
// not there, or cannot be read.
std::optional<registry::JsonValue> ReleaseConfig(
    const registry::Snapshot& snapshot, const std::string& source,
    const std::string& package, int64_t release);

}  // namespace orrery::catalog

#endif  // CATALOG_RELEASE_CONFIG_H_
