// The keys of the registry's log: DIR/keys/log.key signs its checkpoints,
// DIR/keys/timestamper.key says when (spec: trust.md §11.4, §17). Never served.
// What each has signed last lies beside it, as log.state and
// timestamper.state.

#ifndef REGISTRY_LOG_LOG_KEYS_H_
#define REGISTRY_LOG_LOG_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/log/signer_key.h"

namespace orrery::registry {

struct LogKeys {
  SignerKey log;
  SignerKey timestamper;

  // The name of the log.
  const std::string& origin() const { return log.name(); }
};

struct LogKeyOptions {
  // The name that a new log gets; empty: `host` and a part of the key's digest.
  std::string origin = {};
  // Of this machine.
  std::string host = "localhost";
  // False when there is a log already, which new keys could not continue.
  bool may_create = true;
};

// Reads the keys, or makes those that are missing: mode 0600, whole or not at
// all, durable before this returns. kFailedPrecondition, with the file and what
// to do, when a key is damaged, can be read by others, is missing though the
// log exists, or is of a log with another origin than the one asked for;
// kInvalidArgument for an origin that is none.
absl::StatusOr<LogKeys> OpenLogKeys(const std::string& data_dir,
                                    const LogKeyOptions& options);

// Where a key remembers what it has signed last.
std::string LogStatePath(const std::string& data_dir);
std::string TimestamperStatePath(const std::string& data_dir);

// `host` as the first part of an origin (§12.3): lower case, what may not be
// there is `-`.
std::string OriginHost(absl::string_view host);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_LOG_KEYS_H_
