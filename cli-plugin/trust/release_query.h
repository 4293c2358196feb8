#ifndef CLI_PLUGIN_TRUST_RELEASE_QUERY_H_
#define CLI_PLUGIN_TRUST_RELEASE_QUERY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "cli-plugin/command/command_tree.h"

#include "catalog/verify/verifier.h"

namespace orrery::cli {

// PACKAGE...: each is `NAME`, `NAME@release=57` or `NAME@release=57#2`.
Argument ReleaseQueryArgument();

// What they ask for; a usage error for anything else.
absl::StatusOr<std::vector<catalog::ReleaseQuery>> ReadReleaseQueries(
    const Invocation& invocation);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_RELEASE_QUERY_H_
