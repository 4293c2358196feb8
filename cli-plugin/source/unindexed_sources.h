// Why a package may be missing although it exists.

#ifndef CLI_PLUGIN_SOURCE_UNINDEXED_SOURCES_H_
#define CLI_PLUGIN_SOURCE_UNINDEXED_SOURCES_H_

#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/text/problem.h"

namespace orrery::cli {

// When a command did not find a package: warns of each source that was never
// indexed or has stalled, so that what it has is not known yet. Asks the
// server; that it does not answer is passed over.
void WarnOfUnindexedSources(const absl::StatusOr<ExitCode>& outcome,
                            CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_SOURCE_UNINDEXED_SOURCES_H_
