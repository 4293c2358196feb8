#ifndef REGISTRY_GIT_GIT_FAILURE_H_
#define REGISTRY_GIT_GIT_FAILURE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::registry {

// What a failed run of git was about.
struct GitFailure {
  // "listing the refs of".
  std::string doing;
  // Of the remote, without credentials.
  std::string url;
  std::string host;
  // What git said.
  std::string errors;
  absl::Duration duration;
  // The file to which host keys are to be added.
  std::string known_hosts;
  // Taken out of what is shown.
  std::vector<std::string> secrets;
};

// The failure as a status that says phase, host, seconds and git's own reason;
// see GitRemote for its reasons.
absl::Status GitFailureStatus(const GitFailure& failure);

// `text` with each of `secrets` replaced.
std::string Redact(std::string text, const std::vector<std::string>& secrets);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_FAILURE_H_
