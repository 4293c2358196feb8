// Sources as people and programs see them.

#ifndef CLI_PLUGIN_SOURCE_SOURCE_STATUS_H_
#define CLI_PLUGIN_SOURCE_SOURCE_STATUS_H_

#include <cstdint>
#include <vector>

#include "cli-plugin/command/output.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Refused releases, listed or not.
int64_t RefusedCount(const registry::JsonValue& source);

Answer SourceListAnswer(std::vector<registry::JsonValue> sources);

// One source with everything; the document is the server's as it came.
Answer SourceAnswer(registry::JsonValue source, const Terminal& terminal);
// All of them, each with everything.
Answer SourcesAnswer(std::vector<registry::JsonValue> sources,
                     const Terminal& terminal);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_SOURCE_STATUS_H_
