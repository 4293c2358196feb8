#ifndef SIGNING_POLICY_CLIENT_POLICY_PARSER_H_
#define SIGNING_POLICY_CLIENT_POLICY_PARSER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/policy/client_policy.h"

namespace orrery::signing {

// Reads a client's policy. The refusal policy.syntax, with the line, for what
// breaks a rule; also for `root`, `approve plan`, `sk-pin` and `attestation`,
// which are not supported yet and must not be passed over.
absl::StatusOr<ClientPolicy> ParseClientPolicy(absl::string_view text);

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_CLIENT_POLICY_PARSER_H_
