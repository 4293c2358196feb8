#ifndef SIGNING_POLICY_REGISTRY_TRUST_H_
#define SIGNING_POLICY_REGISTRY_TRUST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/policy/client_policy.h"
#include "signing/policy/names.h"
#include "signing/policy/tlog_policy.h"

namespace orrery::signing {

// What a client believes about one registry: its policy's block and the two
// files that this names.
struct RegistryTrust {
  RegistryPolicy registry;
  TlogPolicy tlog_policy;
  Names names;
  Digest tlog_policy_digest;
  Digest names_digest;
};

// Step 3 of trust.md §14.1, but for the state. `version` is this client's,
// x.y.z. Refusals: trust.syntax and trust.client, with the file; policy.syntax,
// with the line of the registry.
absl::StatusOr<RegistryTrust> OpenRegistryTrust(const RegistryPolicy& registry,
                                                absl::string_view tlog_policy,
                                                absl::string_view names,
                                                absl::string_view version);

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_REGISTRY_TRUST_H_
