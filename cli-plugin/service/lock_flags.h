// Lock files on the command line (resolver.md §12.4).

#ifndef CLI_PLUGIN_SERVICE_LOCK_FLAGS_H_
#define CLI_PLUGIN_SERVICE_LOCK_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// --lock, --locked and --accept-suboptimal.
std::vector<Flag> LockFlags();

// Asks in a ResolveRequest for the lock of the answer, with what the file has
// now.
absl::Status AddLock(const Invocation& invocation,
                     const CommandContext& context,
                     registry::JsonValue* request);

// What the server says against a lock, with the file's name in front; any other
// status unchanged.
absl::Status NameLock(const absl::Status& status, const Invocation& invocation);

// Hands a lock that is only to be looked at to a ResolveRequest, if there is
// --lock. kInvalidArgument (exit 64) when the file cannot be read, or with
// --for.
absl::Status ReadLock(const Invocation& invocation,
                      const CommandContext& context,
                      registry::JsonValue* request);

// Writes the lock of the answer to such a request, if its bytes differ; who
// reads the file sees the old or the new ones. Warns when the answer has none.
absl::Status WriteLock(const Invocation& invocation,
                       const registry::JsonValue& request,
                       absl::string_view lock, CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_LOCK_FLAGS_H_
