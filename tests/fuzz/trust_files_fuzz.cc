// What an operator writes: a tlog-policy, a names file and a client's policy.
// Whatever the bytes are, a refusal is one of the file's codes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/policy/client_policy.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/policy/names.h"
#include "signing/policy/tlog_policy.h"
#include "signing/refusal.h"

namespace {

using orrery::signing::RefusalCode;

void ExpectCode(const absl::Status& status, RefusalCode code) {
  const auto refusal = orrery::signing::RefusalOf(status);
  if (!refusal.has_value() || refusal->code != code) std::abort();
}

void Ask(const orrery::signing::TlogPolicy& policy) {
  if (!policy.has_quorum()) return;
  std::vector<std::optional<uint64_t>> times(policy.witness_keys().size());
  // Nobody has said anything.
  if (policy.QuorumTime(times).has_value()) std::abort();
  for (auto& time : times) time = 1;
  if (policy.QuorumTime(times) != uint64_t{1}) std::abort();
}

void Ask(const orrery::signing::ClientPolicy& policy) {
  for (const absl::string_view name : {"kafka", "acme/db", "acme-db-x"}) {
    (void)policy.DemandsOn(name);
    const auto route = policy.RouteOf(name);
    if (route.ok() && policy.FindRegistry(route->registry) == nullptr) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto tlog_policy = orrery::signing::TlogPolicy::Parse(input);
  if (tlog_policy.ok()) {
    Ask(*tlog_policy);
  } else {
    ExpectCode(tlog_policy.status(), RefusalCode::kTrustSyntax);
  }
  const auto names = orrery::signing::Names::Parse(input);
  if (names.ok()) {
    (void)names->CheckClient("0.1.0");
    (void)names->CheckReserved("acme-db-x");
  } else {
    ExpectCode(names.status(), RefusalCode::kTrustSyntax);
  }
  const auto policy = orrery::signing::ParseClientPolicy(input);
  if (policy.ok()) {
    Ask(*policy);
  } else {
    ExpectCode(policy.status(), RefusalCode::kPolicySyntax);
  }
  return 0;
}
