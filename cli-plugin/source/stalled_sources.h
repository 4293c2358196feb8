// Sources that stand still, whatever the server's log says of today.

#ifndef CLI_PLUGIN_SOURCE_STALLED_SOURCES_H_
#define CLI_PLUGIN_SOURCE_STALLED_SOURCES_H_

#include <string>

#include "cli-plugin/command/command.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Warns, in one line, of those that have not advanced: since when and why. Asks
// the server; that it does not answer is passed over.
void WarnOfStalledSources(CommandContext& context);

// That for one source; empty when it has not stalled.
std::string StalledText(const registry::JsonValue& source);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_STALLED_SOURCES_H_
