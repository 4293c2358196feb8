// Whether a stored log may be continued (spec: trust.md §11.7): not if that
// would be a fork of what somebody has seen of it.

#ifndef REGISTRY_LOG_CONTINUATION_H_
#define REGISTRY_LOG_CONTINUATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/log/log_store.h"
#include "signing/log/consistency_guard.h"
#include "signing/log/vkey.h"

namespace orrery::registry {

// What to do about a log that must not grow, in a sentence's second half.
inline constexpr absl::string_view kHowToGoOn =
    "nothing is logged until orreryd is started with a log.db and keys/ that "
    "belong together";

// What the keys of a log have signed last.
struct SignedStates {
  absl::StatusOr<signing::SignerState> log;
  absl::StatusOr<signing::SignerState> timestamper;
};

// The file, empty for none, in which the newest checkpoint is kept.
struct CheckpointWitness {
  std::string file;
  signing::Vkey log_key;
};

// kFailedPrecondition, with what is wrong and what to do, unless the log begins
// with what both keys have signed and what the witness has. A witness that is
// not there yet has seen nothing.
absl::Status CheckMayGoOn(LogStore& store, const SignedStates& states,
                          const CheckpointWitness& witness);

// kInvalidArgument for a witness file in the data directory: a backup would
// bring both back.
absl::Status CheckWitnessPlace(const std::string& file,
                               const std::string& data_dir);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_CONTINUATION_H_
