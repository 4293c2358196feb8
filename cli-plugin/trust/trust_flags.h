// What a command believes of registries, by flags, environment and files.

#ifndef CLI_PLUGIN_TRUST_TRUST_FLAGS_H_
#define CLI_PLUGIN_TRUST_TRUST_FLAGS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/http/trust_fetcher.h"

#include "catalog/verify/trust_setup.h"
#include "catalog/verify/verifier.h"

namespace orrery::cli {

// --policy, --state, --mirror, --offline, --as-of.
std::vector<Flag> TrustFlags();

// All that verifying needs; each member stands on those before.
struct Trust {
  std::unique_ptr<TrustFetcher> http;
  std::unique_ptr<catalog::TrustSetup> setup;
  std::unique_ptr<catalog::Verifier> verifier;
  // Of all checks of this command.
  absl::Time now;
  bool is_offline = false;
  // Of files that were verified; empty: none are kept.
  std::string cache_directory;
};

// The policy is the first that there is (spec: trust.md §12.3): --policy,
// $ORRERY_POLICY, that of the user, of the machine; without any, what a server
// on this machine serves, which is told in one line. Refusals of steps 1 to 3
// of trust.md §14.1; a usage error for values that are none.
absl::StatusOr<Trust> OpenTrust(const Invocation& invocation,
                                CommandContext& context);

// The policy file that OpenTrust takes; empty: none.
std::string FindPolicyFile(const Invocation& invocation,
                           const CommandContext& context);
// Root of all registries' state.
absl::StatusOr<std::string> FindStateDirectory(const Invocation& invocation,
                                               const CommandContext& context);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_TRUST_FLAGS_H_
