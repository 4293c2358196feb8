#ifndef REGISTRY_GIT_GIT_FAILURE_H_
#define REGISTRY_GIT_GIT_FAILURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/refusal.h"

namespace orrery::registry {

// What a failed run of git was about.
struct GitFailure {
  // "listing the refs of".
  std::string doing;
  // Of the remote, without credentials.
  std::string url;
  std::string host;
  // What git said, beginning with a line.
  std::string errors;
  absl::Duration duration;
  // That one fetch may bring.
  uint64_t max_bytes = 0;
  // The file to which host keys are to be added.
  std::string known_hosts;
  // Taken out of what is shown.
  std::vector<std::string> secrets;
};

struct FailureKind {
  // "receiving objects".
  const char* phase;
  // One of those of GitRemote.
  const char* reason;
  absl::StatusCode code;
  // Where trust.md §15.4 has a code for it.
  std::optional<signing::RefusalCode> refusal = {};
};

// The failure as a status that says phase, host, seconds and git's own reason.
// Its kind is taken from git's own words only: what a server of a remote says,
// and what stands in an address, decides nothing but that the remote itself is
// damaged.
absl::Status GitFailureStatus(const GitFailure& failure);
// The same for one whose kind is known.
absl::Status GitFailureStatus(const GitFailure& failure,
                              const FailureKind& kind);

// `text` with each of `secrets` replaced.
std::string Redact(std::string text, const std::vector<std::string>& secrets);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_FAILURE_H_
