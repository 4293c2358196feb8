// The next statement of a package's maintainers (spec: trust.md §6.2), before
// anybody signs it.

#ifndef SIGNING_RECORD_STATEMENT_DRAFT_H_
#define SIGNING_RECORD_STATEMENT_DRAFT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::signing {

// Where the chain of a package ends.
struct ChainEnd {
  std::string package = {};
  // Of the last statement; 0 and zeros before the first.
  int64_t seq = 0;
  Digest statement = {};
  // The logs of the keyset in force, and that keyset; none before the first.
  std::vector<std::string> logs = {};
  std::optional<KeysetReference> keyset = {};
};

// What is to be other than in the keyset in force; what is not set stays.
struct KeysetChange {
  // Their keys go, all of them, before signers come.
  std::vector<std::string> dropped_principals;
  // A key that is there already gets this principal and these namespaces.
  std::vector<Signer> signers;
  std::optional<int64_t> keyset_threshold;
  std::optional<int64_t> release_threshold;
  std::optional<int64_t> yank_threshold;
  std::optional<RevisionMode> mode;
  // Empty: those in force.
  std::vector<RepositoryRef> repositories;
  std::vector<std::string> logs;
};

// The text of the next statement. kInvalidArgument, with the rule, for what no
// statement may say; kFailedPrecondition where the chain does not allow it:
// another first statement than a keyset, a keyset that changes nothing, a
// principal dropped who is not there.

// `in_force`: nullptr before the first, whose thresholds are 1 where nothing is
// said.
absl::StatusOr<std::string> DraftKeyset(const ChainEnd& end,
                                        const KeysetRecord* in_force,
                                        const KeysetChange& change);
absl::StatusOr<std::string> DraftRelease(const ChainEnd& end,
                                         RevisionContent content);
// `revision`: nullopt for all.
absl::StatusOr<std::string> DraftYank(const ChainEnd& end, int64_t release,
                                      std::optional<int64_t> revision,
                                      absl::string_view reason);

// The one key of a `.pub` file as ssh-keygen writes it; kInvalidArgument, or
// record.key.weak.
absl::StatusOr<SshKey> ParsePublicKeyFile(absl::string_view text);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_STATEMENT_DRAFT_H_
