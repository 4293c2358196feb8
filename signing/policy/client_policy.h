#ifndef SIGNING_POLICY_CLIENT_POLICY_H_
#define SIGNING_POLICY_CLIENT_POLICY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/policy/name_pattern.h"
#include "signing/policy/require_options.h"
#include "signing/policy/tlog_policy.h"

namespace orrery::signing {

// Who must have cosigned a registry's checkpoints.
enum class WitnessDemand { kRequired, kTimestamper, kNone };

struct RegistryPolicy {
  std::string id;
  // `https://`, or `http://` to a loopback address.
  std::string url;
  // Relative to the policy's directory unless absolute.
  std::string tlog_policy_file;
  std::string names_file;
  // In order of preference: `https://`, `http://`, `file:///` or a directory.
  std::vector<std::string> mirrors;
  absl::Duration max_age = absl::Hours(24);
  absl::Duration offline_grace = absl::Hours(24 * 30);
  WitnessDemand witnesses = WitnessDemand::kRequired;
  // Registries that packages of this one may depend on, besides itself.
  std::vector<std::string> uses;
  int64_t line = 0;

  // policy.syntax unless the policy of its log names a log and asks for those
  // witnesses.
  absl::Status CheckFits(const TlogPolicy& tlog_policy) const;
};

// Where a name is looked up, and nowhere else.
struct Route {
  std::string registry;
  // Empty: any of its sources.
  std::string source;
  int64_t line = 0;
};

// A client's policy (spec: trust.md §12.3): what it believes and demands.
// ParseClientPolicy makes one.
class ClientPolicy {
 public:
  // By their lines.
  const std::vector<RegistryPolicy>& registries() const { return registries_; }
  // nullptr if there is none.
  const RegistryPolicy* FindRegistry(absl::string_view id) const;

  // The route of a package name; name.routed if no line has it.
  absl::StatusOr<Route> RouteOf(absl::string_view package) const;
  Demands DemandsOn(absl::string_view package) const {
    return options_.DemandsOn(package);
  }

  // name.denied.
  absl::Status CheckPackage(absl::string_view package) const;
  absl::Status CheckRelease(absl::string_view package, int64_t release) const;
  // Of keys whose signatures do not count, `SHA256:…`.
  bool IsDeniedKey(absl::string_view fingerprint) const {
    return denied_keys_.count(std::string(fingerprint)) != 0;
  }

 private:
  friend class ClientPolicyParser;

  ClientPolicy() = default;

  std::vector<RegistryPolicy> registries_;
  PatternTable<Route> routes_;
  RequireOptions options_;
  PatternTable<bool> denied_packages_;
  std::map<std::pair<std::string, int64_t>, int64_t> denied_releases_;
  std::set<std::string> denied_keys_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_CLIENT_POLICY_H_
