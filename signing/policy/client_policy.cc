#include "signing/policy/client_policy.h"

#include "absl/strings/str_cat.h"

#include "signing/refusal.h"

namespace orrery::signing {

absl::Status RegistryPolicy::CheckFits(const TlogPolicy& tlog_policy) const {
  const auto refuse = [&](absl::string_view why, absl::string_view remedy) {
    return At({.line = line, .registry = id},
              Refuse(RefusalCode::kPolicySyntax,
                     absl::StrCat("registry ", id, ": ", tlog_policy_file, " ",
                                  why, ": ", remedy)));
  };
  if (tlog_policy.log_keys().empty()) {
    return refuse("has no log line", "add the log's key");
  }
  if (witnesses == WitnessDemand::kRequired &&
      !tlog_policy.NeedsOutsideWitness()) {
    return refuse("asks for no witness besides the timestamper",
                  "add one, or write 'witnesses timestamper'");
  }
  if (witnesses == WitnessDemand::kTimestamper && !tlog_policy.has_quorum()) {
    return refuse("says 'quorum none'",
                  "name a quorum, or write 'witnesses none'");
  }
  return absl::OkStatus();
}

const RegistryPolicy* ClientPolicy::FindRegistry(absl::string_view id) const {
  for (const RegistryPolicy& registry : registries_) {
    if (registry.id == id) return &registry;
  }
  return nullptr;
}

absl::StatusOr<Route> ClientPolicy::RouteOf(absl::string_view package) const {
  if (const auto* entry = routes_.Find(package)) return entry->value;
  return Refuse(RefusalCode::kNameRouted,
                absl::StrCat("no names line of the policy has ", package,
                             ": add one for its registry"));
}

absl::Status ClientPolicy::CheckPackage(absl::string_view package) const {
  const auto* const denied = denied_packages_.Find(package);
  if (denied == nullptr) return absl::OkStatus();
  return At({.line = denied->line, .package = std::string(package)},
            Refuse(RefusalCode::kNameDenied,
                   absl::StrCat("line ", denied->line,
                                " of the policy denies package ",
                                denied->pattern.text())));
}

absl::Status ClientPolicy::CheckRelease(absl::string_view package,
                                        int64_t release) const {
  const auto denied = denied_releases_.find({std::string(package), release});
  if (denied == denied_releases_.end()) return absl::OkStatus();
  return At({.line = denied->second,
             .package = std::string(package),
             .release = release},
            Refuse(RefusalCode::kNameDenied,
                   absl::StrCat("line ", denied->second,
                                " of the policy denies release ", release,
                                " of ", package)));
}

}  // namespace orrery::signing
