// The flags by which a request to the resolver is said.

#ifndef CLI_PLUGIN_SERVICE_RESOLVE_FLAGS_H_
#define CLI_PLUGIN_SERVICE_RESOLVE_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Flags that say what may be chosen, of every command that asks for an answer.
std::vector<Flag> ChoiceFlags();

// Adds to a ResolveRequest what ChoiceFlags say.
void AddChoices(const Invocation& invocation, registry::JsonValue* request);

// Flags of `resolve`: these, and of what the answer is made.
std::vector<Flag> ResolveFlags();

// The ResolveRequest that these items and the flags say. An options file holds
// the options of the service that is asked for, or, where several are, options
// by service. kInvalidArgument (exit 64).
absl::StatusOr<registry::JsonValue> ResolveRequest(
    const std::vector<std::string>& items, const Invocation& invocation,
    CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SERVICE_RESOLVE_FLAGS_H_
