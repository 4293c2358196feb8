// What the commands have in common that write a statement.

#ifndef CLI_PLUGIN_PACKAGE_STATEMENT_OUTPUT_H_
#define CLI_PLUGIN_PACKAGE_STATEMENT_OUTPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/package/package_chain.h"

namespace orrery::cli {

// The chain of the arguments DIR and PKG, whole.
absl::StatusOr<PackageChain> OpenChain(const Invocation& invocation,
                                       const CommandContext& context);

// Writes the next statement of the chain, which is not there yet, and prints
// its path as DIR was given; what to do next goes to standard error.
absl::StatusOr<ExitCode> PutStatement(const Invocation& invocation,
                                      const PackageChain& chain,
                                      absl::string_view statement,
                                      CommandContext& context);

// The arguments DIR and PKG.
std::vector<Argument> ChainArguments();

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_STATEMENT_OUTPUT_H_
