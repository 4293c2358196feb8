#include "signing/policy/registry_trust.h"

#include <string>
#include <utility>

#include "absl/status/status.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {

absl::StatusOr<RegistryTrust> OpenRegistryTrust(const RegistryPolicy& registry,
                                                absl::string_view tlog_policy,
                                                absl::string_view names,
                                                absl::string_view version) {
  const auto in_file = [&](const std::string& file, absl::Status status) {
    return At({.file = file, .check = 3, .registry = registry.id},
              std::move(status));
  };
  auto parsed_policy = TlogPolicy::Parse(tlog_policy);
  if (!parsed_policy.ok()) {
    return in_file(registry.tlog_policy_file, parsed_policy.status());
  }
  auto parsed_names = Names::Parse(names);
  absl::Status status = parsed_names.status();
  if (status.ok()) status = parsed_names->CheckClient(version);
  if (!status.ok()) return in_file(registry.names_file, std::move(status));
  status = registry.CheckFits(*parsed_policy);
  if (!status.ok()) return At({.check = 3}, std::move(status));
  return RegistryTrust{registry, *std::move(parsed_policy),
                       *std::move(parsed_names), Digest::Of(tlog_policy),
                       Digest::Of(names)};
}

}  // namespace orrery::signing
