// What verifying found, as `verify`, `install` and `upgrade` tell it.

#ifndef CLI_PLUGIN_TRUST_VERIFY_REPORT_H_
#define CLI_PLUGIN_TRUST_VERIFY_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/command/output.h"

#include "catalog/verify/verified_release.h"
#include "catalog/verify/verifier.h"
#include "registry/format/json_value.h"
#include "signing/client/release_check.h"

namespace orrery::cli {

// What every command that verifies tells besides its own answer: the members
// `registries`, `revisions`, `evidence` and `modes` of trust.md §14.2.
struct TrustNews {
  std::vector<catalog::RegistryReport> registries;
  std::vector<catalog::RevisionNews> revisions;
};

// Of the registries that were asked; tells nothing yet.
absl::StatusOr<TrustNews> ReadNews(const catalog::Verifier& verifier);

// {"registry":…,"source":…,"package":…,"release":…,…}.
registry::JsonValue AdmittedJson(const std::string& registry,
                                 const std::string& package,
                                 const signing::AdmittedRevision& revision);

// The success object of trust.md §14.2; for people a table of packages.
Answer VerifyAnswer(const std::vector<catalog::VerifiedRelease>& packages,
                    const TrustNews& news);

// The same with `services`: all of them may run on.
Answer ServicesAnswer(const std::vector<registry::JsonValue>& services,
                      const TrustNews& news);

// A refusal on standard error, a line of its own.
void TellRefusal(const absl::Status& refusal, CommandContext& context);

// The same with the service that runs what is refused.
void TellRefusedService(const registry::JsonValue& service,
                        const absl::Status& refusal, CommandContext& context);

// For people: that a registry has contradicted itself.
std::string EvidenceLine(const std::string& registry, const std::string& id);

// For people, a line each: evidence that nobody acknowledged, new revisions,
// sources that switched their mode, a checkpoint past its age.
std::vector<std::string> NewsLines(const TrustNews& news);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TRUST_VERIFY_REPORT_H_
