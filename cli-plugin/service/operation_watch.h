// Waiting for an operation of the server to end.

#ifndef CLI_PLUGIN_SERVICE_OPERATION_WATCH_H_
#define CLI_PLUGIN_SERVICE_OPERATION_WATCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// How long a command waits for an operation when nothing is said.
inline constexpr absl::Duration kDefaultWait = absl::Minutes(10);

// What an operation (of catalog.v1) waits for, in a line.
std::string WaitingFor(const registry::JsonValue& operation);

// Shows what `operation` (an Operation of catalog.v1) waits for until it ends,
// and gives it as it is then. A broken stream is taken up again. Fails with the
// operation's own failure; with exit 7 after `timeout`, naming what it waits
// for; with exit 130 when the user interrupts; both say that the server goes
// on.
absl::StatusOr<registry::JsonValue> WaitForOperation(
    const registry::JsonValue& operation, absl::Duration timeout,
    CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_OPERATION_WATCH_H_
