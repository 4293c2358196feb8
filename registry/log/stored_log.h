#ifndef REGISTRY_LOG_STORED_LOG_H_
#define REGISTRY_LOG_STORED_LOG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "registry/log/log_store.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

// What the first leaves say, read where the log is known to be sound: the same
// as their replay, but the leaves of a package are read and judged when
// somebody asks for it. `store` must outlive the state and all copies.
absl::StatusOr<signing::LogState> ReadStoredLog(LogStore& store,
                                                const std::string& origin,
                                                int64_t size);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_STORED_LOG_H_
