// What a client believes, and where it keeps what it has seen: steps 1 to 3 of
// trust.md §14.1, but for the state.

#ifndef CATALOG_VERIFY_TRUST_SETUP_H_
#define CATALOG_VERIFY_TRUST_SETUP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_tree.h"
#include "signing/digest.h"
#include "signing/policy/client_policy.h"
#include "signing/policy/registry_trust.h"

namespace orrery::catalog {

// A registry of the policy.
struct TrustedRegistry {
  signing::RegistryTrust trust;
  // Where its state is (§13). Does not exist before the first use.
  std::string state_directory;
  // Where its log and files are looked for, the first choice first.
  std::vector<std::unique_ptr<FileTree>> places;
};

struct TrustSetup {
  signing::ClientPolicy policy;
  signing::Digest policy_digest;
  // File or URL that the policy was read from.
  std::string policy_name;
  // As in the policy.
  std::vector<TrustedRegistry> registries;
};

// What a setup is made for.
struct SetupOptions {
  // Root of all registries' state; absolute.
  std::string state_directory;
  // Of this program, x.y.z.
  std::string version;
};

// The policy file at `path` with the files it names. Registries have their URL
// and mirrors as places, by `http`, which must outlive the result. Refusals:
// policy.syntax, also for a file that is not there or cannot be read;
// trust.syntax, trust.client. Each names its file.
absl::StatusOr<TrustSetup> OpenPolicyFile(const std::string& path,
                                          const SetupOptions& options,
                                          HttpFetcher& http);

// The three files of `DIR/trust` as a registry serves them.
struct ServedTrust {
  std::string policy;
  std::string tlog_policy;
  std::string names;
};

// Fetches them from the registry at `url`. Refusals: policy.syntax and
// trust.syntax for one that is not served or too large, log.unavailable.
absl::StatusOr<ServedTrust> FetchServedTrust(const std::string& url,
                                             HttpFetcher& http);

// The setup of a registry on this machine that nobody wrote a policy for
// (§12.3): `url` stands for the registry's. The state is below
// loopback-<16 hex digits>, so that another data directory behind the same
// address is a first use. Refusals as for a policy file.
absl::StatusOr<TrustSetup> OpenServedTrust(const std::string& url,
                                           const ServedTrust& served,
                                           const SetupOptions& options,
                                           HttpFetcher& http);

// What was served at `url` when it was remembered last, for a run without a
// network; log.unavailable if nothing was.
absl::StatusOr<ServedTrust> RecallServedTrust(const std::string& url,
                                              const SetupOptions& options);
// state.write.
absl::Status RememberServedTrust(const std::string& url,
                                 const ServedTrust& served,
                                 const SetupOptions& options);

// Whether a URL is plain HTTP to this machine.
bool IsLoopbackUrl(absl::string_view url);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_TRUST_SETUP_H_
